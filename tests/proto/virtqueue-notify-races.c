/* SPDX-License-Identifier: MIT */
/*
 * "Here is something" against "wake me when there is": let both be said at the
 * same moment, as often as can be. The one who asks is told that something is
 * there, or the other one that it has to notify; never neither.
 */
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "vq_pair.h"

#define SIZE 8
#define ROUNDS 300000
#define SECONDS 2 /* for each mode, where processors are few or slow */

static struct pair p;
static unsigned meetings[2]; /* of each thread */
static bool asked_late;	     /* the device's answer in this round */
static bool over;

/* Wait for the other thread, and leave as close to it as can be. */
static void meet(unsigned me)
{
	unsigned mine = meetings[me] + 1;

	__atomic_store_n(&meetings[me], mine, __ATOMIC_RELEASE);
	/* the other one may be on its way to the next already */
	for (unsigned spins = 1;
	     (int)(__atomic_load_n(&meetings[!me], __ATOMIC_ACQUIRE) - mine) <
	     0;
	     spins++)
		if (spins % 4096 == 0)
			sched_yield();
}

static void spin(unsigned n)
{
	for (volatile unsigned i = 0; i < n; i++)
		;
}

static void *device(void *unused)
{
	struct iovec iov[2];
	struct vq_chain c = {.iov = iov, .max_iov = 2};
	uint64_t random = 88172645463325252;

	for (;;) {
		vq_device_disable_kicks(&p.dev);
		meet(1); /* the driver adds while we ask for kicks */
		if (over)
			return NULL;
		spin(pair_random(&random) % 16);
		asked_late = vq_device_enable_kicks(&p.dev);
		meet(1); /* it compares */
		check_int(vq_device_pop(&p.dev, &c, &p.err), 1);
		vq_device_push(&p.dev, &c, 1);
		meet(1); /* it asks for calls while we publish */
		spin(pair_random(&random) % 16);
		asked_late = vq_device_publish(&p.dev);
		meet(1); /* it compares */
	}
}

static void round_trip(uint64_t *random)
{
	struct vq_segment seg = {pair_data(&p), 1};
	struct vq_completion c;
	bool told;

	check(vq_driver_add(&p.drv, &seg, 0, 1, NULL) >= 0);
	meet(0);
	spin(pair_random(random) % 16);
	told = vq_driver_publish(&p.drv);
	meet(0);
	check(told || asked_late);

	vq_driver_disable_calls(&p.drv);
	meet(0);
	spin(pair_random(random) % 16);
	told = vq_driver_enable_calls(&p.drv);
	meet(0);
	check(told || asked_late);
	check_int(vq_driver_pop(&p.drv, &c, &p.err), 1);
}

int main(void)
{
	uint64_t random = 88172645463325252 * 3;

	for (unsigned mode = 0; mode < 4; mode++) {
		time_t end = time(NULL) + SECONDS;
		pthread_t thread;
		unsigned i = 0;

		pair_open(&p, SIZE, pair_features(mode), 0);
		over = false;
		check_int(pthread_create(&thread, NULL, device, NULL), 0);
		for (; i < ROUNDS && (i % 64 || time(NULL) < end); i++)
			round_trip(&random);
		over = true;
		meet(0);
		check_int(pthread_join(thread, NULL), 0);
		printf("mode %u: %u rounds\n", mode, i);
		pair_close(&p);
	}
	return 0;
}
