/* SPDX-License-Identifier: MIT */
/*
 * Waiting: adaptive polling in user space, then epoll.
 *
 * Spinning pays when an event comes sooner than a sleep and a wake-up take,
 * and only handlers that have work outstanding (BUSY) can be worth it. How
 * long to spin is learnt from each wait that had to block while one was
 * BUSY: an event within poll_max_ns would have been caught by spinning
 * longer, so double; a later one would not, so halve, down to nothing. But
 * waking up takes time, too, of which the wait doesn't tell; and two ends that
 * sleep in turn keep each other asleep. Hence now and then, among waits that
 * are only a few times too long, a spin of full length to try it out.
 *
 * File descriptors without poll are looked at every few microseconds of a
 * spin, so that they don't wait for its end. Nothing fails. Own thread only;
 * a bottom half scheduled by another thread ends the spin or the sleep.
 */
#include "loop/loop_int.h"
#include "util/clock.h"

/* How long other fds wait at most while the loop spins. */
#define FD_CHECK_NS 5000

static inline void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

/* The highest state of all polled handlers. */
static enum loop_poll poll_all(struct loop *loop)
{
	enum loop_poll highest = LOOP_POLL_IDLE;

	list_for_each(node, &loop->polled) {
		struct loop_fd *h = list_entry(node, struct loop_fd, poll_link);
		enum loop_poll state = h->ops->poll(h);

		if (state == LOOP_POLL_READY)
			return state;
		highest = MAX(highest, state);
	}
	return highest;
}

/* true: something is ready, or a timer is due */
static bool spin(struct loop *loop, int64_t start_ns)
{
	int64_t end_ns = start_ns + loop->poll_ns;
	int64_t fd_check_ns = start_ns + FD_CHECK_NS;

	for (;;) {
		enum loop_poll state = poll_all(loop);
		int64_t now_ns;

		if (state == LOOP_POLL_READY || loop_bhs_pending(loop))
			return true;
		now_ns = clock_now_ns();
		if (loop->timers_len && now_ns >= loop->timers[0].deadline_ns)
			return true;
		if (state == LOOP_POLL_IDLE || now_ns >= end_ns)
			return false;
		if (now_ns >= fd_check_ns) {
			if (loop_fds_fetch(loop, 0))
				return true;
			fd_check_ns = now_ns + FD_CHECK_NS;
		}
		relax();
	}
}

static void notify_all(struct loop *loop, bool on)
{
	list_for_each(node, &loop->polled) {
		struct loop_fd *h = list_entry(node, struct loop_fd, poll_link);

		if (h->ops->notify && h->notifying != on) {
			h->notifying = on;
			h->ops->notify(h, on);
		}
	}
}

static int64_t timeout_ns(struct loop *loop)
{
	if (!loop->timers_len)
		return -1;
	return MAX(loop->timers[0].deadline_ns - clock_now_ns(), 0);
}

/* true unless it was time, not an event, that ended it */
static bool block(struct loop *loop)
{
	bool event = true;

	notify_all(loop, true);
	/* what came before notify(true) was not signalled */
	if (poll_all(loop) != LOOP_POLL_READY && loop_bhs_sleep(loop)) {
		event = loop_fds_fetch(loop, timeout_ns(loop));
		loop_bhs_awake(loop);
	}
	notify_all(loop, false);
	return event;
}

static void learn(struct loop *loop, int64_t waited_ns)
{
	int64_t max_ns = loop->poll_max_ns;

	if (waited_ns <= max_ns)
		loop->poll_ns =
			MIN(MAX(2 * loop->poll_ns, LOOP_POLL_MIN_NS), max_ns);
	else if (loop->poll_ns > 0)
		loop->poll_ns = loop->poll_ns / 2 >= LOOP_POLL_MIN_NS
					? loop->poll_ns / 2
					: 0;
	else if (waited_ns <= LOOP_TRY_WITHIN * max_ns &&
		 ++loop->late_waits % LOOP_TRY_EVERY == 0)
		loop->poll_ns = max_ns;
}

void loop_wait(struct loop *loop)
{
	bool may_spin = loop->busy && loop->poll_max_ns > 0;
	int64_t start_ns = 0;

	if (may_spin)
		start_ns = clock_now_ns();
	if (may_spin && loop->poll_ns && spin(loop, start_ns))
		return;
	if (block(loop) && may_spin)
		learn(loop, clock_now_ns() - start_ns);
}
