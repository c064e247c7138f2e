/* SPDX-License-Identifier: MIT */
/* loop_call runs the function on the loop's thread, before it returns; on the
 * own thread it is a plain call. Other threads' loops start and stop. */
#include <pthread.h>

#include "tests/loop/loop_test.h"

#define CALLS 1000

struct seen {
	struct loop *loop;
	pthread_t thread;
	char name[16];
	int calls;
};

static void look(void *arg)
{
	struct seen *seen = arg;

	seen->loop = loop_current();
	seen->thread = pthread_self();
	check_int(pthread_getname_np(seen->thread, seen->name,
				     sizeof(seen->name)),
		  0);
	seen->calls++;
}

int main(void)
{
	struct loop *loop = test_loop();
	struct loop_thread *threads[3];
	struct seen seen = {.calls = 0};

	loop_call(loop, look, &seen);
	check(seen.loop == loop);
	check_int(seen.calls, 1);

	for (int i = 0; i < 3; i++)
		check_int(loop_thread_start("a-name-that-is-cut", &threads[i],
					    NULL),
			  0);
	for (int i = 0; i < 3; i++) {
		seen.calls = 0;
		for (int n = 1; n <= CALLS; n++) {
			loop_call(loop_thread_loop(threads[i]), look, &seen);
			check_int(seen.calls, n);
		}
		check(seen.loop == loop_thread_loop(threads[i]));
		check(!pthread_equal(seen.thread, pthread_self()));
		check_str(seen.name, "a-name-that-is-");
	}
	for (int i = 0; i < 3; i++)
		loop_thread_stop(threads[i]);
	loop_destroy(loop);
	return 0;
}
