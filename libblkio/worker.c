/* SPDX-License-Identifier: MIT */
/*
 * The thread pool behind worker.h: one lock for a pool and its ports. A job
 * that has finished is put into its port and signalled under that lock, so
 * that a thread is done with a port once worker_port_exit() sees no running
 * job, and the port's memory may go.
 *
 * Threads: see worker.h. Signals are blocked on the pool's threads: they are
 * the application's business.
 */
#include "libblkio/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "util/signals.h"

static void list_init(struct worker_list *l)
{
	l->head = NULL;
	l->tail = &l->head;
}

static void list_push(struct worker_list *l, struct worker_job *job)
{
	job->next = NULL;
	*l->tail = job;
	l->tail = &job->next;
}

static struct worker_job *list_pop(struct worker_list *l)
{
	struct worker_job *job = l->head;

	if (job) {
		l->head = job->next;
		if (!l->head)
			l->tail = &l->head;
	}
	return job;
}

/* Drop what came through port. */
static void list_drop(struct worker_list *l, const struct worker_port *port)
{
	struct worker_list kept;
	struct worker_job *job;

	list_init(&kept);
	while ((job = list_pop(l)))
		if (job->port != port)
			list_push(&kept, job);
	list_init(l);
	while ((job = list_pop(&kept)))
		list_push(l, job);
}

void worker_port_wake(struct worker_port *port)
{
	/* fails only when the pipe is full: it is readable then */
	(void)!write(port->wake_fd, "", 1);
}

static void finish(struct worker_pool *pool, struct worker_job *job)
{
	struct worker_port *port = job->port;
	bool first = !port->done.head;

	list_push(&port->done, job);
	port->running--;
	if (first)
		worker_port_wake(port);
	pthread_cond_broadcast(&pool->left);
}

static void *worker_main(void *arg)
{
	struct worker_pool *pool = arg;
	struct worker_job *job;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		while (!pool->stop && !pool->queued.head) {
			pool->nr_idle++;
			pthread_cond_wait(&pool->work, &pool->lock);
			pool->nr_idle--;
		}
		if (pool->stop)
			break;
		job = list_pop(&pool->queued);
		job->port->running++;
		pthread_mutex_unlock(&pool->lock);
		job->run(job);
		pthread_mutex_lock(&pool->lock);
		finish(pool, job);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

int worker_pool_init(struct worker_pool *pool)
{
	int ret = pthread_mutex_init(&pool->lock, NULL);

	if (ret)
		return -ret;
	/* neither can fail with default attributes on Linux */
	pthread_cond_init(&pool->work, NULL);
	pthread_cond_init(&pool->left, NULL);
	list_init(&pool->queued);
	pool->nr_threads = 0;
	pool->nr_idle = 0;
	pool->stop = false;
	return 0;
}

void worker_pool_destroy(struct worker_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->stop = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (int i = 0; i < pool->nr_threads; i++)
		pthread_join(pool->threads[i], NULL);
	pthread_cond_destroy(&pool->left);
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
}

int worker_port_init(struct worker_port *port, struct worker_pool *pool,
		     struct err *err)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_sys(err, errno, "make a pipe");
	port->pool = pool;
	port->event_fd = fds[0];
	port->wake_fd = fds[1];
	list_init(&port->done);
	port->running = 0;
	atomic_init(&port->closing, false);
	return 0;
}

void worker_port_exit(struct worker_port *port)
{
	struct worker_pool *pool = port->pool;

	atomic_store_explicit(&port->closing, true, memory_order_relaxed);
	pthread_mutex_lock(&pool->lock);
	list_drop(&pool->queued, port);
	while (port->running)
		pthread_cond_wait(&pool->left, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
	close(port->event_fd);
	close(port->wake_fd);
}

/* One more thread, with all signals blocked. Failure leaves fewer threads. */
static void start_thread(struct worker_pool *pool)
{
	sigset_t old;

	signals_block(&old);
	if (pthread_create(&pool->threads[pool->nr_threads], NULL, worker_main,
			   pool) == 0)
		pool->nr_threads++;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

int worker_submit(struct worker_port *port, struct worker_job *job)
{
	struct worker_pool *pool = port->pool;
	int ret = 0;

	pthread_mutex_lock(&pool->lock);
	/* an idle thread may have been woken already for an earlier job */
	if ((!pool->nr_idle || pool->queued.head) &&
	    pool->nr_threads < WORKER_THREADS_MAX)
		start_thread(pool);
	if (pool->nr_threads) {
		job->port = port;
		list_push(&pool->queued, job);
		pthread_cond_signal(&pool->work);
	} else {
		ret = -ENOMEM;
	}
	pthread_mutex_unlock(&pool->lock);
	return ret;
}

struct worker_job *worker_collect(struct worker_port *port)
{
	struct worker_pool *pool = port->pool;
	struct worker_job *jobs;
	char wakes[16];

	pthread_mutex_lock(&pool->lock);
	(void)!read(port->event_fd, wakes, sizeof(wakes));
	jobs = port->done.head;
	list_init(&port->done);
	pthread_mutex_unlock(&pool->lock);
	return jobs;
}
