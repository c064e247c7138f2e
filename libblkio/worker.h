/* SPDX-License-Identifier: MIT */
/*
 * A small pool of threads for what a queue's thread must not wait for:
 * lseek(2) for block status, BLKDISCARD, slow control calls.
 *
 * A pool belongs to a device, a port to a queue. A job is submitted through a
 * port, runs on any thread of the pool, and comes out of the port it went in
 * by: the port's event_fd is readable while finished jobs wait there to be
 * collected. Threads start when there is work for them, at most
 * WORKER_THREADS_MAX, and stay until the pool is destroyed.
 *
 * Failure modes: no thread can be started at all (-ENOMEM from
 * worker_submit()); a job that hangs in the kernel holds up worker_port_exit().
 *
 * Threads: any thread may call any function; the owner of a port sees to it
 * that nobody submits to it during worker_port_exit().
 */
#ifndef LIBBLKIO_WORKER_H
#define LIBBLKIO_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "util/err.h"

#define WORKER_THREADS_MAX 4

struct worker_port;

/* Embedded in what the job is about; the caller's until submitted and again
 * once collected. */
struct worker_job {
	struct worker_job *next;	      /* in whichever list it is */
	struct worker_port *port;	      /* set by worker_submit() */
	void (*run)(struct worker_job *job); /* set by the caller */
};

struct worker_list {
	struct worker_job *head;
	struct worker_job **tail; /* &head when empty */
};

struct worker_pool {
	pthread_mutex_t lock; /* all below, and the ports' lists */
	pthread_cond_t work;  /* a job was queued, or stop was set */
	pthread_cond_t left;  /* a job is no longer running */
	struct worker_list queued;
	pthread_t threads[WORKER_THREADS_MAX];
	int nr_threads;
	int nr_idle; /* threads waiting for work */
	bool stop;
};

struct worker_port {
	struct worker_pool *pool;
	/* A pipe, since an eventfd's write would not do: the kernel does not
	 * let an eventfd be signalled by what another one sets off at once, and
	 * a ring that polls this one signals its own (Linux 6.18 loses it). */
	int event_fd;		 /* to be polled */
	int wake_fd;		 /* its write end */
	struct worker_list done; /* pool->lock */
	unsigned running;	 /* jobs on a thread now; pool->lock */
	atomic_bool closing;	 /* worker_port_exit() has begun */
};

/* 0 or -errno of the pthread calls. */
int worker_pool_init(struct worker_pool *pool);

/* Join the threads. All ports are gone. */
void worker_pool_destroy(struct worker_pool *pool);

/* 0 or -errno of pipe2(2). */
int worker_port_init(struct worker_port *port, struct worker_pool *pool,
		     struct err *err);

/*
 * Forget the port's queued and finished jobs, wait for those that run. Long
 * jobs look at worker_closing() now and then and return early.
 */
void worker_port_exit(struct worker_port *port);

static inline bool worker_closing(const struct worker_job *job)
{
	return atomic_load_explicit(&job->port->closing, memory_order_relaxed);
}

/* Have job->run(job) called on a thread. 0, or -ENOMEM: there is none. */
int worker_submit(struct worker_port *port, struct worker_job *job);

/* Make event_fd readable. */
void worker_port_wake(struct worker_port *port);

/* Take the finished jobs, oldest first, linked by next; clears event_fd. */
struct worker_job *worker_collect(struct worker_port *port);

#endif
