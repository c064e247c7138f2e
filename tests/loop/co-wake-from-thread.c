/* SPDX-License-Identifier: MIT */
/* Another thread wakes a coroutine: no wake-up is lost, and the coroutine
 * sees what the thread wrote, and runs on its own thread. */
#include <pthread.h>
#include <semaphore.h>

#include "loop/co.h"
#include "tests/loop/loop_test.h"

#define ROUNDS 20000

static struct co *co;
static sem_t go;
static int value;

static void *waker(void *arg)
{
	for (int i = 1; i <= ROUNDS; i++) {
		while (sem_wait(&go) < 0)
			check_int(errno, EINTR);
		value = i;
		co_wake(co);
	}
	return NULL;
}

static void body(void *arg)
{
	pthread_t self = pthread_self();

	co = co_self();
	for (int i = 1; i <= ROUNDS; i++) {
		sem_post(&go);
		co_yield();
		check_int(value, i);
		check(pthread_equal(self, pthread_self()));
	}
}

int main(void)
{
	struct loop *loop = test_loop();
	pthread_t thread;

	sem_init(&go, 0, 0);
	check_int(pthread_create(&thread, NULL, waker, NULL), 0);
	check_int(co_run(body, NULL), 0);
	check_int(pthread_join(thread, NULL), 0);
	loop_destroy(loop);
	return 0;
}
