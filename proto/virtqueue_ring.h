/* SPDX-License-Identifier: MIT */
/*
 * Rings in memory, for the files virtqueue*.c alone: formats of "Split
 * Virtqueues" and "Packed Virtqueues", and the only ways to touch what both
 * ends share. Each of these is one access, which a compiler neither repeats
 * nor splits, so that a value that was checked is the value that is used. All
 * is little-endian there.
 *
 * Order is named at each use: acquire to see what was written before an index
 * or flag, release to write one, vq_full_fence() between a write and the read
 * of something else that the other end may be writing at that moment.
 * Failure modes: none. Threads: any.
 */
#ifndef PROTO_VIRTQUEUE_RING_H
#define PROTO_VIRTQUEUE_RING_H

#include <endian.h>

#include "proto/virtqueue.h"
#include "util/compiler.h"

/* flags of descriptors, both formats; the last two of packed rings only */
#define VQ_DESC_NEXT (1u << 0)
#define VQ_DESC_WRITE (1u << 1)
#define VQ_DESC_INDIRECT (1u << 2)
#define VQ_DESC_AVAIL (1u << 7)
#define VQ_DESC_USED (1u << 15)
#define VQ_DESC_STATE (VQ_DESC_AVAIL | VQ_DESC_USED)

/* no flags of a descriptor equal this: of a queue that is broken */
#define VQ_STATE_NEVER 1u

/* flags of the available and of the used ring */
#define VQ_RING_QUIET 1u

struct vq_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};

struct vq_packed_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t id;
	uint16_t flags;
};

struct vq_avail {
	uint16_t flags;
	uint16_t idx;
	uint16_t ring[]; /* and behind them used_event */
};

struct vq_used_elem {
	uint32_t id;
	uint32_t len;
};

struct vq_used {
	uint16_t flags;
	uint16_t idx;
	struct vq_used_elem ring[]; /* and behind them avail_event */
};

/* Event Suppression Structure Format: place, wrap counter, flags */
#define VQ_EVENT_ENABLE (UINT32_C(0) << 16)
#define VQ_EVENT_DISABLE (UINT32_C(1) << 16)
#define VQ_EVENT_DESC (UINT32_C(2) << 16)
#define VQ_EVENT_FLAGS (UINT32_C(3) << 16)
#define VQ_EVENT_WRAP (UINT32_C(1) << 15)

static inline uint16_t vq_load16(const uint16_t *p)
{
	return le16toh(__atomic_load_n(p, __ATOMIC_RELAXED));
}

static inline uint16_t vq_load16_acquire(const uint16_t *p)
{
	return le16toh(__atomic_load_n(p, __ATOMIC_ACQUIRE));
}

static inline uint32_t vq_load32(const uint32_t *p)
{
	return le32toh(__atomic_load_n(p, __ATOMIC_RELAXED));
}

static inline uint64_t vq_load64(const void *p)
{
	return le64toh(__atomic_load_n((const uint64_t *)p, __ATOMIC_RELAXED));
}

/* Indirect tables need no alignment. */
static inline uint64_t vq_load64_unaligned(const void *p)
{
	struct word {
		uint64_t v;
	} __attribute__((packed));

	return le64toh(((const volatile struct word *)p)->v);
}

static inline void vq_store16(uint16_t *p, uint16_t v)
{
	__atomic_store_n(p, htole16(v), __ATOMIC_RELAXED);
}

static inline void vq_store16_release(uint16_t *p, uint16_t v)
{
	__atomic_store_n(p, htole16(v), __ATOMIC_RELEASE);
}

static inline void vq_store32(uint32_t *p, uint32_t v)
{
	__atomic_store_n(p, htole32(v), __ATOMIC_RELAXED);
}

static inline void vq_store64(void *p, uint64_t v)
{
	__atomic_store_n((uint64_t *)p, htole64(v), __ATOMIC_RELAXED);
}

/*
 * Suppress and recheck: one end writes an index, then reads whether the other
 * wants to hear of it; that one writes that it does, then reads the index. If
 * either could see the old value in spite of its own write, both might, and
 * nobody would wake up.
 */
static inline void vq_full_fence(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* The second half of a descriptor as one word: length, and two times 16 bits */
static inline uint64_t vq_desc_word(uint32_t len, uint16_t third,
				    uint16_t fourth)
{
	return len | (uint64_t)third << 32 | (uint64_t)fourth << 48;
}

/* Is event among those from old on and before new? Indices wrap at 2^16. */
static inline bool vq_event_reached(uint16_t event, uint16_t new, uint16_t old)
{
	return (uint16_t)(new - event - 1) < (uint16_t)(new - old);
}

/*
 * Does an end that wrote the places up to (not including) place of a packed
 * ring, nr of them since it last asked, with these state bits at the last
 * place, have to notify the other one, who wrote event?
 */
bool vq_packed_notifies(uint32_t event, bool event_idx, uint32_t size,
			uint16_t place, bool wrap, uint16_t nr);

/* Sort ids by the 64-bit keys at base + id * stride, ascending. */
void vq_sort(uint16_t *ids, uint32_t nr, const void *base, size_t stride);

#endif
