/* SPDX-License-Identifier: MIT */
/* While a polled handler is ready, iterations cost no system call but a look
 * at the other fds every 32nd time, and don't read the clock. */
#include "tests/loop/fake_time.h"
#include "tests/loop/loop_test.h"

#define ROUNDS 3200

int main(void)
{
	struct loop *loop = test_loop();
	struct polled p;

	polled_begin(&p, loop, LOOP_POLL_READY);
	check_int(p.notifies, 1);
	check(!p.notifying);
	for (int i = 1; i <= ROUNDS; i++) {
		check(loop_run_once(loop, true));
		check_int(p.readies, i);
	}
	check_int(fake_waits, 0);
	check(fake_peeks <= ROUNDS / 32 + 6);
	check_int(fake_clock_reads, 0);
	check_int(p.notifies, 1);
	check_int(p.reads, 0);
	polled_end(&p);
	loop_destroy(loop);
	return 0;
}
