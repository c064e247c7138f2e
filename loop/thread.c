/* SPDX-License-Identifier: MIT */
/*
 * Loops of other threads: calling into one, and threads that only run one.
 *
 * Failure: loop_thread_start() gives -ENOMEM, -EAGAIN of pthread_create(3),
 * or what loop_create() says in the new thread. Signals are blocked in loop
 * threads: they are for the thread that started the program.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

#include "loop/co.h"
#include "loop/loop.h"
#include "util/signals.h"

struct call {
	struct loop_bh bh;
	void (*fn)(void *arg);
	void *arg;
	sem_t done;
};

struct loop_thread {
	pthread_t thread;
	char name[16];
	struct loop *loop; /* the thread's own, valid once started */
	int ret;	   /* of loop_create() */
	struct err err;	   /* of loop_create() */
	sem_t started;	   /* loop, ret and err are set */
	sem_t may_end;	   /* nobody touches the loop any more */
};

static void sem_wait_always(sem_t *sem)
{
	while (sem_wait(sem) < 0)
		assert(errno == EINTR);
}

static void call_run(struct loop_bh *bh)
{
	struct call *call = container_of(bh, struct call, bh);

	call->fn(call->arg);
	sem_post(&call->done);
}

void loop_call(struct loop *loop, void (*fn)(void *arg), void *arg)
{
	struct call call = {.fn = fn, .arg = arg};

	assert(!co_self());
	if (loop == loop_current()) {
		fn(arg);
		return;
	}
	sem_init(&call.done, 0, 0);
	loop_bh_init(&call.bh, loop, call_run);
	loop_bh_schedule(&call.bh);
	sem_wait_always(&call.done);
	sem_destroy(&call.done);
}

static void *thread_main(void *arg)
{
	struct loop_thread *t = arg;

	pthread_setname_np(pthread_self(), t->name);
	t->ret = loop_create(&t->loop, &t->err);
	sem_post(&t->started);
	if (t->ret < 0)
		return NULL;
	loop_run(t->loop);
	/* loop_stop() may still be on its way out of the loop */
	sem_wait_always(&t->may_end);
	loop_destroy(t->loop);
	return NULL;
}

static void thread_free(struct loop_thread *t)
{
	pthread_join(t->thread, NULL);
	sem_destroy(&t->started);
	sem_destroy(&t->may_end);
	free(t);
}

static int create_without_signals(struct loop_thread *t)
{
	sigset_t old;
	int ret;

	signals_block(&old);
	ret = pthread_create(&t->thread, NULL, thread_main, t);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return ret;
}

int loop_thread_start(const char *name, struct loop_thread **thread,
		      struct err *err)
{
	struct loop_thread *t = calloc(1, sizeof(*t));
	int ret;

	if (!t)
		return err_sys(err, ENOMEM, "thread '%s'", name);
	snprintf(t->name, sizeof(t->name), "%s", name);
	sem_init(&t->started, 0, 0);
	sem_init(&t->may_end, 0, 0);
	ret = create_without_signals(t);
	if (ret) {
		free(t);
		return err_sys(err, ret, "thread '%s'", name);
	}
	sem_wait_always(&t->started);
	ret = t->ret;
	if (ret < 0) {
		err_set(err, -ret, "thread '%s': %s", name, t->err.text);
		thread_free(t);
		return ret;
	}
	*thread = t;
	return 0;
}

struct loop *loop_thread_loop(struct loop_thread *thread)
{
	return thread->loop;
}

void loop_thread_stop(struct loop_thread *thread)
{
	loop_stop(thread->loop);
	sem_post(&thread->may_end);
	thread_free(thread);
}
