/* SPDX-License-Identifier: MIT */
/*
 * A queue on its loop. What the ring holds is popped when a kick comes or,
 * while the loop is awake, when polling sees it; then no kicks are asked for.
 * Each request is a coroutine. Those that end in one iteration of the loop
 * are published together, with one call if the driver wants one.
 *
 * The main loop tells a queue's loop what to do by a struct vub_task, and its
 * coroutine waits for the answer; to stop takes until nothing is in flight.
 *
 * Failure modes. A ring or a chain that makes no sense, a kick descriptor
 * that is none, memory that has vanished: told in the log and by the error
 * descriptor; the queue is broken, takes nothing more, and can be stopped and
 * started again. If memory has vanished the connection ends. No memory for a
 * coroutine fails the request. Threads: as in vub_int.h.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "export/vhost-user-blk/vub_int.h"
#include "proto/vhost_user_mem.h"

/* ---- trouble ---- */

/* The main loop closes the connection, once no queue is running. */
static void hang_up(struct vub_queue *q)
{
	shutdown(q->server->client->io.fd, SHUT_RDWR);
}

/* fd is the client's, or -1. Once one made a queue wait, none is written to. */
static void signal_fd(struct vub_queue *q, int fd)
{
	atomic_bool *deaf = &q->server->client->deaf;

	if (fd < 0 || atomic_load_explicit(deaf, memory_order_relaxed) ||
	    likely(bell_ring(&q->bell, fd)))
		return;
	atomic_store(deaf, true);
	vub_log(q->server, LOG_ERROR,
		"queue %u: a descriptor makes who writes to it wait: "
		"disconnecting",
		q->index);
	hang_up(q);
}

static void break_queue(struct vub_queue *q, const char *text)
{
	if (q->broken)
		return;
	q->broken = true;
	vub_log(q->server, LOG_ERROR, "queue %u is broken: %s", q->index, text);
	if (q->io.loop)
		loop_fd_set_events(&q->io, 0);
	signal_fd(q, q->err_fd);
}

/* The zeroes that are there now are not what the client has written. */
static bool memory_lost(struct vub_queue *q)
{
	if (likely(!atomic_load_explicit(&q->memory->lost,
					 memory_order_relaxed)))
		return false;
	break_queue(q, "a file that it shares was cut short");
	hang_up(q);
	return true;
}

/* ---- requests ---- */

static void task_end(struct vub_task *task)
{
	struct co *co = task->co;

	task->done = true;
	co_wake(co); /* the last access */
}

/* All that the device writes to of a ring: more often than it does so, but it
 * is few pages. */
static void log_ring(struct vub_queue *q)
{
	if (q->vq.packed)
		vub_dirty_mark_host(q->dirty, q->vq.mem, q->vq.packed_desc,
				    vq_desc_area_bytes(q->vq.size));
	if (q->addr.flags & VHOST_USER_VRING_F_LOG)
		vub_dirty_mark(q->dirty, q->addr.log_guest,
			       vq_device_area_bytes(q->vq.size, q->vq.packed));
}

/* Data and status, whether or not all of it was written. */
static void log_request(struct vub_queue *q, const struct vblk_request *req)
{
	for (int i = 0; i < req->nr_in; i++)
		vub_dirty_mark_host(q->dirty, q->vq.mem, req->in[i].iov_base,
				    req->in[i].iov_len);
	vub_dirty_mark_host(q->dirty, q->vq.mem, req->status, 1);
}

static void publish(struct loop_defer *defer)
{
	struct vub_queue *q = container_of(defer, struct vub_queue, publish);
	bool call = vq_device_publish(&q->vq);

	if (unlikely(q->dirty)) {
		log_ring(q);
		signal_fd(q, q->dirty_fd);
	}
	if (call)
		signal_fd(q, q->call_fd);
}

/* Undo begin(), even where it failed. */
static void end(struct vub_queue *q)
{
	bell_exit(&q->bell);
	free(q->jobs);
	q->jobs = NULL;
	free(q->resubmit);
	q->resubmit = NULL;
}

static void finish_stop(struct vub_queue *q)
{
	loop_defer_cancel(q->loop, &q->publish);
	publish(&q->publish);
	end(q);
	q->base = vq_device_base(&q->vq);
	task_end(q->stopping);
}

static void job_end(struct vub_job *job, uint32_t written_bytes)
{
	struct vub_queue *q = job->queue;

	if (unlikely(q->dirty))
		log_request(q, &job->req);
	vq_device_push(&q->vq, &job->chain, written_bytes);
	job->next = q->free;
	q->free = job;
	q->nr_in_flight--;
	loop_defer(q->loop, &q->publish);
	if (unlikely(q->stopping) && q->nr_in_flight == 0)
		finish_stop(q); /* job is gone */
}

static void co_job(void *arg)
{
	struct vub_job *job = arg;
	struct vub_queue *q = job->queue;

	job_end(job, co_vblk_run(&q->server->dev, q->features, &job->req));
}

static void job_start(struct vub_queue *q, struct vub_job *job)
{
	struct err err = ERR_INIT;

	if (vblk_parse(&job->req, job->iov, (int)job->chain.nr_readable,
		       (int)job->chain.nr_writable, &err) < 0) {
		break_queue(q, err.text);
		return;
	}
	if (memory_lost(q))
		return; /* and its header may be zeroes, too */
	q->free = job->next;
	q->nr_in_flight++;
	if (co_start(co_job, job) < 0)
		job_end(job, vblk_fail(&job->req));
}

/* NULL: as many are in flight as the ring has entries. */
static struct vub_job *free_job(struct vub_queue *q)
{
	struct vub_job *job = &q->jobs[q->nr_used];

	if (q->free || q->nr_used == q->vq.size)
		return q->free;
	q->nr_used++;
	job->queue = q;
	job->chain.iov = job->iov;
	job->chain.max_iov = VUB_IOV_MAX;
	job->next = NULL;
	q->free = job;
	return job;
}

/*
 * Take all that is there. A chain that makes no sense isn't given back: with
 * a status that nobody has written it would look like one that is done.
 */
static void process(struct vub_queue *q)
{
	struct err err = ERR_INIT;

	while (!q->broken && !memory_lost(q)) {
		struct vub_job *job = free_job(q);
		int ret;

		if (!job) {
			if (vq_device_has_work(&q->vq))
				break_queue(q,
					    "more requests than ring entries");
			break;
		}
		ret = vq_device_pop(&q->vq, &job->chain, &err);
		if (ret == 0)
			break;
		if (ret < 0)
			break_queue(q, err.text);
		else
			job_start(q, job);
	}
}

/* ---- kicks and polling ---- */

/*
 * O_NONBLOCK is shared with the client, who may have cleared it, and the count
 * is, too: ask not to wait, but for what can't be asked (Linux before 5.8,
 * pipes).
 */
static ssize_t read_kick(int fd)
{
	uint64_t count;
	struct iovec iov = {.iov_base = &count, .iov_len = sizeof(count)};
	ssize_t n = preadv2(fd, &iov, 1, -1, RWF_NOWAIT);

	if (n < 0 && errno == EOPNOTSUPP)
		n = read(fd, &count, sizeof(count));
	return n;
}

static void on_kick(struct loop_fd *io)
{
	struct vub_queue *q = container_of(io, struct vub_queue, io);
	ssize_t n = read_kick(io->fd);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		break_queue(q, "its kick descriptor can't be read");
	process(q);
}

static enum loop_poll poll_ring(struct loop_fd *io)
{
	struct vub_queue *q = container_of(io, struct vub_queue, io);

	if (q->broken)
		return LOOP_POLL_IDLE;
	if (vq_device_has_work(&q->vq) ||
	    atomic_load_explicit(&q->memory->lost, memory_order_relaxed))
		return LOOP_POLL_READY;
	return LOOP_POLL_BUSY;
}

static void poll_ready(struct loop_fd *io)
{
	process(container_of(io, struct vub_queue, io));
}

static void notify(struct loop_fd *io, bool on)
{
	struct vub_queue *q = container_of(io, struct vub_queue, io);

	if (q->broken)
		return;
	if (on)
		vq_device_enable_kicks(&q->vq); /* the loop polls once more */
	else
		vq_device_disable_kicks(&q->vq);
	if (unlikely(q->dirty))
		log_ring(q);
}

static const struct loop_fd_ops io_ops = {
	.on_read = on_kick,
	.poll = poll_ring,
	.poll_ready = poll_ready,
	.notify = notify,
};

/* ---- tasks: on the queue's loop ---- */

static void task_run(struct loop_bh *bh)
{
	struct vub_task *task = container_of(bh, struct vub_task, bh);

	task->run(task);
}

/* Have the queue's loop do it, and wait for its end. */
static int co_task(struct vub_queue *q, struct vub_task *task)
{
	task->queue = q;
	task->co = co_self();
	loop_bh_init(&task->bh, q->loop, task_run);
	loop_bh_schedule(&task->bh);
	co_yield ();
	assert(task->done); /* while it waits, nobody else enters it */
	return task->ret;
}

static int begin(struct vub_queue *q, const struct vq_device_config *config,
		 struct err *err)
{
	int ret = vq_device_init(&q->vq, config, err);

	if (ret < 0)
		return ret;
	q->stopping = NULL;
	q->nr_in_flight = 0;
	q->nr_used = 0;
	q->free = NULL;
	q->jobs = calloc(q->vq.size, sizeof(*q->jobs));
	if (!q->jobs)
		return err_sys(err, ENOMEM, "requests");
	if (q->dirty)
		log_ring(q);
	q->io = (struct loop_fd){.fd = q->kick_fd, .ops = &io_ops};
	return loop_fd_add(q->loop, &q->io, LOOP_READ, err);
}

static void run_start(struct vub_task *task)
{
	struct vub_queue *q = task->queue;
	const struct vq_device_config *config = task->config;

	task->ret = bell_init(&q->bell, task->err);
	if (task->ret == 0) {
		task->ret = begin(q, config, task->err);
		if (task->ret < 0)
			end(q);
	}
	/* a server before us may have published, and then not called */
	if (task->ret == 0 &&
	    (config->inflight || config->base != VQ_BASE_START(q->vq.packed)))
		signal_fd(q, q->call_fd);
	if (task->ret == 0 && q->vq.nr_resubmit > 0)
		vub_log(q->server, LOG_INFO,
			"queue %u: does again what a server before had begun, "
			"requests: %u",
			q->index, q->vq.nr_resubmit);
	task_end(task);
}

static void run_stop(struct vub_task *task)
{
	struct vub_queue *q = task->queue;

	loop_fd_remove(&q->io);
	q->stopping = task;
	if (q->nr_in_flight == 0)
		finish_stop(q);
}

static void run_memory(struct vub_task *task)
{
	vq_device_set_memory(&task->queue->vq, &task->table->mem);
	task_end(task);
}

/* ---- on the main loop ---- */

static int find_areas(const struct vub_queue *q, struct vub_memory *m,
		      struct vq_device_config *c, struct err *err)
{
	bool packed = c->features & VIRTIO_F_RING_PACKED;
	int ret = vhost_user_check_vring_addr(&q->addr, packed, err);

	if (ret == 0)
		ret = vq_check_size(q->size, packed, err);
	if (ret < 0)
		return ret;
	c->desc = vub_memory_user(m, q->addr.desc, vq_desc_area_bytes(q->size),
				  err);
	if (!c->desc)
		return -EFAULT;
	c->driver = vub_memory_user(m, q->addr.avail,
				    vq_driver_area_bytes(q->size, packed), err);
	if (!c->driver)
		return -EFAULT;
	c->device = vub_memory_user(m, q->addr.used,
				    vq_device_area_bytes(q->size, packed), err);
	return c->device ? 0 : -EFAULT;
}

static int find_records(struct vub_queue *q, const struct vub_inflight *f,
			struct vq_device_config *c, struct err *err)
{
	int ret = vub_inflight_records(f, q->index, q->size,
				       c->features & VIRTIO_F_RING_PACKED,
				       &c->inflight, err);

	if (ret < 0 || !c->inflight)
		return ret;
	q->resubmit = calloc(q->size, sizeof(*q->resubmit));
	c->resubmit = q->resubmit;
	return q->resubmit ? 0 : err_sys(err, ENOMEM, "in-flight records");
}

int co_vub_queue_start(struct vub_queue *q, struct vub_client *c,
		       struct err *err)
{
	struct vq_device_config config = {
		.size = q->size,
		.base = q->base,
		.features = c->features,
	};
	struct vub_task task = {
		.run = run_start,
		.config = &config,
		.err = err,
	};
	int ret;

	if (q->running || q->broken || !q->enabled || !q->has_addr ||
	    q->size == 0 || q->kick_fd < 0)
		return 0;
	ret = find_areas(q, &c->memory, &config, err);
	if (ret == 0)
		ret = find_records(q, &c->inflight, &config, err);
	if (ret == 0) {
		config.mem = &c->memory.table->mem;
		q->features = c->features;
		q->memory = &c->memory;
		q->dirty = c->features & VHOST_USER_F_LOG_ALL && c->dirty.bytes
				   ? &c->dirty
				   : NULL;
		q->dirty_fd = c->dirty_fd;
		ret = co_task(q, &task);
	}
	if (ret < 0)
		err_prefix(err, "queue %u: ", q->index);
	q->running = ret == 0;
	return ret;
}

void co_vub_queue_stop(struct vub_queue *q)
{
	struct vub_task task = {.run = run_stop};

	if (!q->running)
		return;
	co_task(q, &task);
	q->running = false;
}

void co_vub_queue_memory(struct vub_queue *q, struct vub_table *table)
{
	struct vub_task task = {.run = run_memory, .table = table};

	if (q->running)
		co_task(q, &task);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void vub_queue_reset(struct vub_queue *q)
{
	assert(!q->running);
	close_fd(&q->kick_fd);
	close_fd(&q->call_fd);
	close_fd(&q->err_fd);
	q->size = 0;
	q->base = 0;
	q->has_addr = false;
	q->enabled = false;
	q->broken = false;
}

void vub_queue_init(struct vub_queue *q, struct vub_server *server,
		    struct loop *loop, unsigned index)
{
	q->server = server;
	q->loop = loop;
	q->index = index;
	q->kick_fd = q->call_fd = q->err_fd = -1;
	q->publish.run = publish;
}
