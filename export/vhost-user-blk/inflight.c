/* SPDX-License-Identifier: MIT */
/*
 * In-flight records of a client's queues, see "Inflight I/O tracking" of the
 * vhost-user protocol: memory that the client keeps while we are dead, so
 * that who comes after us does again what was begun and not ended. What is in
 * them is proto/virtqueue_records.c's. Behind them is what else must not be
 * forgotten.
 *
 * New ones are used from the start: the protocol doesn't oblige a client to
 * hand them in before it has lost us. Their file can't be cut short, by seal.
 *
 * Failure modes: see shared.h; *f is then as before. Threads: the main loop.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "export/vhost-user-blk/shared.h"
#include "proto/virtqueue.h"
#include "util/compiler.h"

/* By the protocol: what a queue's records begin at a multiple of */
#define RECORDS_ALIGN 64u

/* Ours, behind the records of all queues */
struct vub_kept {
	_Atomic(uint64_t) magic; /* 0: nothing is kept yet */
	atomic_bool write_through;
};

#define KEPT_BYTES 64u
#define KEPT_MAGIC UINT64_C(0x65686361436b6c62)

static uint64_t bytes_wanted(const struct vhost_user_inflight *msg, bool packed)
{
	return (uint64_t)msg->nr_queues *
	       vq_inflight_bytes(msg->queue_size, packed);
}

int vub_inflight_set(struct vub_inflight *f,
		     const struct vhost_user_inflight *msg, int fd, bool packed,
		     atomic_bool *lost, struct err *err)
{
	uint64_t wanted = bytes_wanted(msg, packed);
	struct vub_mapping mapping;
	int ret;

	if (msg->mmap_size < wanted ||
	    !IS_ALIGNED(msg->mmap_offset, RECORDS_ALIGN))
		return err_set(err, EINVAL,
			       "in-flight records: 0x%llx bytes at 0x%llx of "
			       "the file for %u queues of %u entries, 0x%llx "
			       "bytes at a multiple of %u wanted",
			       (unsigned long long)msg->mmap_size,
			       (unsigned long long)msg->mmap_offset,
			       msg->nr_queues, msg->queue_size,
			       (unsigned long long)wanted, RECORDS_ALIGN);
	ret = vub_map(&mapping, fd, msg->mmap_offset, msg->mmap_size, lost,
		      err);
	if (ret < 0) {
		err_prefix(err, "in-flight records: ");
		return ret;
	}
	vub_inflight_clear(f);
	*f = (struct vub_inflight){
		.mapping = mapping,
		.bytes = msg->mmap_size,
		.nr_queues = msg->nr_queues,
		.queue_size = msg->queue_size,
	};
	if (msg->mmap_size - wanted >= KEPT_BYTES)
		f->kept = (struct vub_kept *)(vub_mapped(&f->mapping) + wanted);
	return 0;
}

static int make_file(uint64_t bytes, struct err *err)
{
	int fd = memfd_create("vhost-user-inflight",
			      MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, bytes) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) <
		    0) {
		int ret = err_sys(err, errno,
				  "in-flight records: file of %llu bytes",
				  (unsigned long long)bytes);

		if (fd >= 0)
			close(fd);
		return ret;
	}
	return fd;
}

int vub_inflight_create(struct vub_inflight *f, struct vhost_user_inflight *msg,
			bool packed, unsigned max_queues, unsigned max_entries,
			atomic_bool *lost, struct err *err)
{
	int fd, ret;

	if (msg->nr_queues > max_queues || msg->queue_size > max_entries)
		return err_set(err, EINVAL,
			       "in-flight records for %u queues of %u "
			       "entries, at most %u of %u wanted",
			       msg->nr_queues, msg->queue_size, max_queues,
			       max_entries);
	msg->mmap_offset = 0;
	msg->mmap_size = bytes_wanted(msg, packed) + KEPT_BYTES;
	fd = make_file(msg->mmap_size, err);
	if (fd < 0)
		return fd;
	ret = vub_inflight_set(f, msg, fd, packed, lost, err);
	if (ret < 0)
		close(fd);
	return ret < 0 ? ret : fd;
}

int vub_inflight_records(const struct vub_inflight *f, unsigned queue,
			 uint32_t size, bool packed, void **records,
			 struct err *err)
{
	uint64_t each = f->bytes ? vq_inflight_bytes(f->queue_size, packed) : 0;

	*records = NULL;
	if (queue >= f->nr_queues)
		return 0;
	/* the format may have changed since */
	if (size > f->queue_size || (queue + 1) * each > f->bytes)
		return err_set(err, EINVAL,
			       "in-flight records of 0x%llx bytes for %u "
			       "entries are too small for a ring of %u",
			       (unsigned long long)f->bytes, f->queue_size,
			       size);
	*records = vub_mapped(&f->mapping) + queue * each;
	return 0;
}

void vub_inflight_keep(struct vub_inflight *f, bool writeback)
{
	if (!f->kept)
		return;
	atomic_store(&f->kept->write_through, !writeback);
	atomic_store(&f->kept->magic, KEPT_MAGIC);
}

void vub_inflight_kept(const struct vub_inflight *f, bool *writeback)
{
	if (f->kept && atomic_load(&f->kept->magic) == KEPT_MAGIC)
		*writeback = !atomic_load(&f->kept->write_through);
}

void vub_inflight_clear(struct vub_inflight *f)
{
	vub_unmap(&f->mapping);
	*f = (struct vub_inflight){0};
}
