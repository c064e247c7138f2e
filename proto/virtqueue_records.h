/* SPDX-License-Identifier: MIT */
/*
 * In-flight records of "Inflight I/O tracking" in the vhost-user
 * specification; for virtqueue_*.c of the device alone. Memory that the
 * front-end keeps while we are dead, and can write to while we live: what was
 * read from it is checked as anything else. Numbers are the host's.
 *
 * The order of stores is what makes them good for something: a process can be
 * killed after each. Records are written by release stores, each of which
 * comes after everything that was stored before it.
 *
 * Failure modes: records that contradict themselves. Threads: one at a time.
 */
#ifndef PROTO_VIRTQUEUE_RECORDS_H
#define PROTO_VIRTQUEUE_RECORDS_H

#include <string.h>

#include "proto/virtqueue_device.h"

#define VQ_RECORDS_VERSION 1

/* By head of a chain */
struct vq_split_record {
	uint8_t inflight;
	uint8_t padding[5];
	uint16_t next;	  /* in the batch that is being published */
	uint64_t counter; /* order of popping */
};

struct vq_split_records {
	uint64_t features;
	uint16_t version; /* 0: new */
	uint16_t desc_num;
	uint16_t last_batch_head;
	uint16_t used_idx; /* of what is recorded as published */
	struct vq_split_record desc[];
};

/* A copy of a descriptor; those of a chain are linked, as are those free. */
struct vq_packed_record {
	uint8_t inflight; /* of the first; so are last, num and counter */
	uint8_t padding;
	uint16_t next;
	uint16_t last;
	uint16_t num;
	uint64_t counter;
	uint16_t id;
	uint16_t flags;
	uint32_t len;
	uint64_t addr;
};

struct vq_packed_committed {
	uint16_t old_used_idx;
	uint8_t used_wrap_counter;
	uint8_t old_used_wrap_counter;
};

struct vq_packed_records {
	uint64_t features;
	uint16_t version;
	uint16_t desc_num;
	uint16_t free_head; /* as things are; old_: as of the last publish */
	uint16_t old_free_head;
	uint16_t used_idx;
	struct vq_packed_committed c;
	uint8_t padding[7];
	struct vq_packed_record desc[];
};

_Static_assert(sizeof(struct vq_split_record) == 16, "by specification");
_Static_assert(sizeof(struct vq_packed_record) == 32, "by specification");
_Static_assert(sizeof(struct vq_packed_records) == 32, "by specification");

#define vq_record_load(p) __atomic_load_n(p, __ATOMIC_RELAXED)
#define vq_record_store(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)

/* One store, though it isn't aligned: the processor does it or doesn't. */
static inline void vq_packed_record_commit(struct vq_packed_records *r,
					   struct vq_packed_committed c)
{
	struct word {
		uint32_t v;
	} __attribute__((packed));
	struct word w;

	_Static_assert(sizeof(w) == sizeof(c), "one store");
	memcpy(&w, &c, sizeof(w));
	__atomic_thread_fence(__ATOMIC_RELEASE);
	((volatile struct word *)&r->c)->v = w.v;
}

/*
 * The queue is as its base says; if the records aren't new, make it what they
 * say, and what they mark the first to be popped. Errors as vq_device_init().
 */
int vq_split_records_init(struct vq_device *q,
			  const struct vq_device_config *config,
			  struct err *err);
int vq_packed_records_init(struct vq_device *q,
			   const struct vq_device_config *config,
			   struct err *err);

static inline void vq_split_record_pop(struct vq_device *q, uint16_t head)
{
	struct vq_split_record *r = &q->split_records->desc[head];

	vq_record_store(&r->counter, q->counter++);
	vq_record_store(&r->inflight, 1);
}

static inline void vq_split_record_push(struct vq_device *q, uint16_t head)
{
	vq_record_store(&q->split_records->desc[head].next, q->record_head);
	vq_record_store(&q->split_records->last_batch_head, head);
	q->record_head = head;
}

/* After the used index was written: nr requests since the last time. false:
 * somebody wrote nonsense into the records. */
bool vq_split_records_publish(struct vq_device *q, uint16_t nr);

/* The chain, which has been copied into records, is in flight. */
void vq_packed_record_pop(struct vq_device *q, const struct vq_chain *chain);
void vq_packed_record_push(struct vq_device *q, const struct vq_chain *chain);

/* Before the flags of the batch are written; and after. false: as above */
void vq_packed_records_prepare(struct vq_device *q);
bool vq_packed_records_publish(struct vq_device *q);

/* A link to a record that there isn't: -EPROTO */
int vq_record_bad_link(uint16_t record, uint32_t size, struct err *err);

#endif
