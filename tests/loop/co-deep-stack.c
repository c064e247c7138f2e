/* SPDX-License-Identifier: MIT */
/* A coroutine can use 48 KiB of stack and more, and finds it unharmed after
 * others ran on theirs. */
#include "loop/co.h"
#include "tests/loop/loop_test.h"

#define COUNT 16
#define FRAME_BYTES 4096
#define FRAMES 12 /* with room for what the sanitizers add */

static void dig(int left, unsigned char mark)
{
	volatile unsigned char frame[FRAME_BYTES];

	for (int i = 0; i < FRAME_BYTES; i++)
		frame[i] = mark;
	if (left)
		dig(left - 1, mark);
	else
		co_yield();
	for (int i = 0; i < FRAME_BYTES; i++)
		check_int(frame[i], mark);
}

static void body(void *arg)
{
	dig(FRAMES - 1, *(unsigned char *)arg);
}

int main(void)
{
	struct loop *loop = test_loop();
	struct co *all[COUNT];
	unsigned char marks[COUNT];

	for (int i = 0; i < COUNT; i++) {
		marks[i] = i;
		all[i] = co_create(body, &marks[i]);
		check(all[i]);
		co_enter(all[i]);
	}
	for (int i = 0; i < COUNT; i++)
		co_enter(all[i]);
	loop_destroy(loop);
	return 0;
}
