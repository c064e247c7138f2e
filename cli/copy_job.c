/* SPDX-License-Identifier: MIT */
/*
 * The copying itself: see copy_job.h.
 *
 * Each worker coroutine takes the next piece (a stretch of data of at most a
 * chunk, or of zeroes), copies it, and comes back for more. Pieces are cut
 * where the source's extents end and at multiples of the chunk, so what is
 * aligned in the source stays aligned. Data is looked through for blocks of
 * zeroes, which become holes: a block of other data mostly shows in its first
 * bytes, so this costs next to nothing.
 *
 * Failure modes: the first failed request keeps its text, the other workers
 * end after the request they are in; what follows the failure may or may not
 * have been written.
 *
 * Threads: main loop.
 */
#include "cli/copy_job.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "util/iov.h"

/* Zeroes may have to be written out by the fallback: keep progress moving. */
#define MAX_ZEROES (64u << 20)

struct piece {
	uint64_t offset, bytes;
	bool zero;
};

static int job_fail(struct copy_job *job, const char *what, const char *name,
		    uint64_t offset, int ret)
{
	if (job->ret == 0)
		job->ret = err_sys(job->err, -ret, "%s '%s' at offset %" PRIu64,
				   what, name, offset);
	return ret;
}

/* Have job->extents[job->extent] describe what is at job->offset. */
static int co_scan(struct copy_job *job)
{
	int nr;

	if (job->extent < job->nr_extents)
		return 0;
	nr = node_co_block_status(job->source, job->offset,
				  job->bytes - job->offset, job->extents,
				  COPY_MAX_EXTENTS);
	if (nr < 0)
		return job_fail(job, "looking for holes in", job->source_name,
				job->offset, nr);
	job->nr_extents = nr;
	job->extent = 0;
	return 0;
}

/* Cut the next piece off the extent at hand. */
static void piece_cut(struct copy_job *job, struct piece *piece)
{
	struct node_extent *extent = &job->extents[job->extent];
	uint64_t to_boundary =
		job->chunk_bytes - (job->offset & (job->chunk_bytes - 1));

	piece->zero = extent->flags & NODE_EXTENT_ZERO;
	piece->offset = job->offset;
	piece->bytes = MIN(extent->len,
			   piece->zero ? (uint64_t)MAX_ZEROES : to_boundary);
	job->offset += piece->bytes;
	extent->len -= piece->bytes;
	if (extent->len == 0)
		job->extent++;
}

/* False when nothing is left to do, or no more should be done. */
static bool co_piece_next(struct copy_job *job, struct piece *piece)
{
	bool more;

	co_mutex_lock(&job->scan_lock);
	more = !job->stop && job->ret == 0 && job->offset < job->bytes &&
	       co_scan(job) == 0;
	if (more)
		piece_cut(job, piece);
	co_mutex_unlock(&job->scan_lock);
	return more;
}

static int co_zeroes_write(struct copy_job *job, const struct piece *piece)
{
	int ret;

	if (job->target_is_zero)
		return 0;
	ret = node_co_write_zeroes(job->target, piece->offset, piece->bytes,
				   NODE_REQ_MAY_UNMAP);
	if (ret < 0)
		job_fail(job, "writing", job->target_name, piece->offset, ret);
	return ret;
}

static int co_data_write(struct copy_job *job, const struct piece *piece,
			 const void *buf)
{
	int ret;

	ret = node_co_pwrite(job->target, piece->offset, buf, piece->bytes, 0);
	if (ret < 0)
		return job_fail(job, "writing", job->target_name, piece->offset,
				ret);
	job->data_bytes += piece->bytes;
	return 0;
}

/*
 * Cut off the blocks at the front of rest that are all zeroes, or all not. A
 * short block is whole: what it lacks is a hole, or beyond the end.
 */
static void run_cut(const struct copy_job *job, struct piece *rest,
		    const char *buf, struct piece *run)
{
	*run = (struct piece){.offset = rest->offset};
	while (rest->bytes) {
		uint64_t block = job->sparse_bytes -
				 (rest->offset & (job->sparse_bytes - 1));
		bool zero;

		block = MIN(block, rest->bytes);
		zero = buf_is_zero(buf + run->bytes, block);
		if (run->bytes && zero != run->zero)
			break;
		run->zero = zero;
		run->bytes += block;
		rest->offset += block;
		rest->bytes -= block;
	}
}

static int co_data_copy(struct copy_job *job, const struct piece *piece,
			char *buf)
{
	struct piece rest = *piece, run;
	int ret;

	ret = node_co_pread(job->source, piece->offset, buf, piece->bytes, 0);
	if (ret < 0)
		return job_fail(job, "reading", job->source_name, piece->offset,
				ret);
	if (!job->sparse_bytes)
		return co_data_write(job, piece, buf);
	while (ret == 0 && rest.bytes) {
		const char *at = buf + (rest.offset - piece->offset);

		run_cut(job, &rest, at, &run);
		ret = run.zero ? co_zeroes_write(job, &run)
			       : co_data_write(job, &run, at);
	}
	return ret;
}

static void co_worker(void *opaque)
{
	struct copy_job *job = opaque;
	struct piece piece;
	char *buf = job->next_chunk;

	job->next_chunk += job->chunk_bytes;
	while (co_piece_next(job, &piece)) {
		int ret = piece.zero ? co_zeroes_write(job, &piece)
				     : co_data_copy(job, &piece, buf);

		if (ret < 0)
			break;
		job->done_bytes += piece.bytes;
	}
}

/* Whose kind of memory suits both nodes */
static struct node *buffer_owner(const struct copy_job *job)
{
	const struct node_limits *source = node_limits(job->source);
	const struct node_limits *target = node_limits(job->target);

	if (source->uses_regions != target->uses_regions)
		return source->uses_regions ? job->source : job->target;
	return source->optimal_buf_alignment > target->optimal_buf_alignment
		       ? job->source
		       : job->target;
}

/* Memory that neither node has to copy out of */
static int buffer_alloc(struct copy_job *job)
{
	struct node *owner = buffer_owner(job);
	int ret = node_buffer_alloc(owner, job->nr_requests * job->chunk_bytes,
				    &job->buffer);

	if (ret < 0)
		return job_fail(job, "buffer for", job->target_name, 0, ret);
	/* where that fails, the node copies */
	node_register_buf(owner == job->source ? job->target : job->source,
			  &job->buffer, NULL);
	job->next_chunk = job->buffer.addr;
	return 0;
}

static void buffer_free(struct copy_job *job)
{
	struct node *owner = buffer_owner(job);

	node_unregister_buf(owner == job->source ? job->target : job->source,
			    &job->buffer);
	node_buffer_free(owner, &job->buffer);
}

static void co_workers_run(struct copy_job *job)
{
	struct co_group workers;
	int ret = 0;

	co_group_init(&workers);
	for (unsigned i = 0; ret == 0 && i < job->nr_requests; i++)
		ret = co_group_start(&workers, co_worker, job);
	if (ret < 0)
		job_fail(job, "request for", job->target_name, job->offset,
			 ret);
	co_group_join(&workers);
}

/* Behind the end of a file that was cut short meanwhile reads gave zeroes. */
static int source_check(const struct copy_job *job, struct err *err)
{
	uint64_t bytes;
	int ret = node_probe_size(job->source, &bytes, err);

	if (ret == 0 && bytes < job->bytes)
		ret = err_set(err, EIO,
			      "'%s' shrank from %" PRIu64 " to %" PRIu64
			      " bytes while it was copied",
			      job->source_name, job->bytes, bytes);
	return ret;
}

int copy_co_run(struct copy_job *job, struct err *err)
{
	int ret;

	job->err = err;
	job->bytes = node_size(job->source);
	co_mutex_init(&job->scan_lock);
	ret = buffer_alloc(job);
	if (ret < 0)
		return ret;
	co_workers_run(job);
	buffer_free(job);
	if (job->ret == 0 && job->stop)
		job->ret = err_set(err, EINTR,
				   "interrupted after %" PRIu64 " of %" PRIu64
				   " bytes",
				   job->done_bytes, job->bytes);
	if (job->ret < 0)
		return job->ret;
	ret = node_co_flush(job->target);
	if (ret < 0)
		return err_sys(err, -ret, "flushing '%s'", job->target_name);
	return source_check(job, err);
}
