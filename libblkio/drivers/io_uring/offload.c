/* SPDX-License-Identifier: MIT */
/*
 * What io_uring can't do without blocking its caller: block status, and
 * discard on block devices of kernels before 6.12. Both run on the device's
 * workers. While any job is out, the queue's ring polls the port's event fd,
 * so that a finished job looks like any other completion: it ends a wait,
 * and signals the completion fd.
 *
 * A file's holes come from lseek(2), and go on behind its end; a file system
 * without SEEK_HOLE shows all as data, as does a block device. Ranges given
 * to the ioctl are cut, so that a queue's end need not wait for a long
 * discard.
 *
 * Thread rule: iou_offload() and iou_offload_collect() on the queue's thread;
 * run_*() on a worker, with the request to itself.
 */
#include "libblkio/drivers/io_uring/iou.h"

#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DISCARD_STEP_BYTES (UINT64_C(1) << 30)

static struct iou_request *job_request(struct worker_job *job)
{
	return container_of(job, struct iou_request, job);
}

static struct iou_dev *job_dev(struct worker_job *job)
{
	return iouq_dev(container_of(job->port, struct iou_queue, port));
}

/*
 * Where the run at pos ends, at most end, and what it is. Whatever lseek
 * says that makes no sense (the file is being changed) counts as data: that
 * is never wrong.
 */
static uint64_t find_run(int fd, uint64_t pos, uint64_t end, uint32_t *flags)
{
	off_t next = lseek(fd, (off_t)pos, SEEK_DATA);

	*flags = BLKIO_EXTENT_ZERO | BLKIO_EXTENT_HOLE;
	if (next < 0 && errno == ENXIO)
		return end;
	if (next > (off_t)pos)
		return MIN((uint64_t)next, end);
	*flags = 0;
	if (next == (off_t)pos)
		next = lseek(fd, (off_t)pos, SEEK_HOLE);
	return next > (off_t)pos ? MIN((uint64_t)next, end) : end;
}

static int find_runs(struct worker_job *job)
{
	const struct request *req = &job_request(job)->base;
	const struct iou_dev *d = job_dev(job);
	uint64_t pos = req->start, end = pos + req->len;
	uint32_t max = MIN(req->count, (uint32_t)INT32_MAX), n = 0;

	while (pos < end && n < max && !worker_closing(job)) {
		uint32_t flags = 0;
		uint64_t next = d->block_device ? end :
			find_run(d->status_fd, pos, end, &flags);

		req->extents[n++] = (struct blkio_extent){
			.len = next - pos,
			.flags = flags,
		};
		pos = next;
	}
	return (int)n;
}

static void run_block_status(struct worker_job *job)
{
	struct iou_request *r = job_request(job);
	struct iou_dev *d = job_dev(job);
	/* behind its end a regular file reads as zeroes: so it is a hole */
	int64_t size = d->block_device ? iou_size(d->fd) : INT64_MAX;

	if (size < 0)
		r->job_ret = (int)size;
	else if (r->base.count == 0 || r->base.start > (uint64_t)size ||
		 r->base.len > (uint64_t)size - r->base.start)
		r->job_ret = -EINVAL;
	else
		r->job_ret = find_runs(job);
}

static void run_discard(struct worker_job *job)
{
	struct iou_request *r = job_request(job);
	uint64_t start = r->base.start, left = r->base.len;

	if (left > UINT64_MAX - start) {
		r->job_ret = -EINVAL;
		return;
	}
	r->job_ret = 0;
	while (left > 0 && r->job_ret == 0 && !worker_closing(job)) {
		uint64_t range[2] = { start, MIN(left, DISCARD_STEP_BYTES) };

		if (ioctl(job_dev(job)->fd, BLKDISCARD, range) < 0)
			r->job_ret = -errno;
		start += range[1];
		left -= range[1];
	}
}

int iou_offload(struct iou_queue *q, struct iou_request *r)
{
	int ret;

	if (unlikely(r->base.op == REQUEST_BLOCK_STATUS && !r->base.extents &&
		     r->base.count > 0)) {
		r->base.error_msg = "extents is NULL";
		return -EFAULT;
	}
	/* no bound: a job needs no more than its request, and what waits for
	 * room here would keep reads and writes behind it waiting */
	r->job.run = r->base.op == REQUEST_DISCARD ? run_discard :
						     run_block_status;
	ret = worker_submit(&q->port, &r->job);
	if (ret < 0)
		return ret;
	q->jobs++;
	if (!q->wake_armed) {
		q->wake_armed = true;
		iou_fill(q, &q->wake);
	}
	return 0;
}

void iou_offload_collect(struct iou_queue *q)
{
	struct worker_job *job = worker_collect(&q->port);

	while (job) {
		struct iou_request *r = job_request(job);

		job = job->next;
		q->jobs--;
		request_done(&q->base, &r->base, r->job_ret);
	}
	q->wake_armed = q->jobs > 0;
	if (q->wake_armed)
		request_fifo_push(&q->again, &q->wake.base);
}
