/* SPDX-License-Identifier: MIT */
/* The mutex excludes, and is handed over in order of arrival: one that
 * unlocks and locks again at once waits behind those who came before. */
#include "loop/co.h"
#include "tests/loop/loop_test.h"

#define COUNT 4
#define ROUNDS 10

static struct co_mutex mutex;
static int inside, turns, order[COUNT * ROUNDS];

static void body(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		co_mutex_lock(&mutex);
		check_int(++inside, 1);
		check(mutex.owner == co_self());
		order[turns++] = *(int *)arg;
		co_yield_to_loop();
		check_int(--inside, 0);
		co_mutex_unlock(&mutex);
	}
}

int main(void)
{
	struct loop *loop = test_loop();
	int numbers[COUNT];

	co_mutex_init(&mutex);
	for (int i = 0; i < COUNT; i++) {
		numbers[i] = i;
		check_int(co_start(body, &numbers[i]), 0);
	}
	run_all(loop);
	check_int(turns, COUNT * ROUNDS);
	for (int i = 0; i < turns; i++)
		check_int(order[i], i % COUNT);
	check(!mutex.owner);
	loop_destroy(loop);
	return 0;
}
