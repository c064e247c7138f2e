/* SPDX-License-Identifier: MIT */
/*
 * A virtio-blk queue at work: what was submitted is published, with a kick if
 * the device wants one; completions are taken from the ring, which costs no
 * system call. Who must wait asks for a call and sleeps on the eventfd, or,
 * on a poll queue, looks at the ring again and again.
 *
 * The completion fd is that eventfd. Unless it is enabled, calls are asked
 * for only during a wait. While it is, each look at the ring ends with asking
 * for the next call, and looks again if a completion came in between.
 *
 * Failure modes: a device that is gone or lies: see phases.c. Thread rule: on
 * the queue's thread, without locks. What is here looks at the ring, so only
 * while that is the thread's: unless q->halted.
 */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "libblkio/drivers/virtio-blk/phases.h"
#include "util/clock.h"
#include "util/signals.h"

#define SPINS 1024 /* looks at the ring between looks at anything else */

/* ---- to the device ---- */

static inline void hand_over(struct vblk_queue *q)
{
	/* fails only when the counter is full: the device is woken then */
	if (vq_driver_publish(&q->vq))
		eventfd_write(q->kick_fd, 1);
}

static void ask_for_calls(struct vblk_queue *q, bool *missed)
{
	*missed = vq_driver_enable_calls(&q->vq);
	q->armed = true;
}

static void ask_for_no_calls(struct vblk_queue *q)
{
	vq_driver_disable_calls(&q->vq);
	q->armed = false;
}

/* ---- from the device ---- */

/* Take what has completed. */
static void look(struct vblk_queue *q)
{
	enum vblk_phase phase;
	struct vq_completion c;
	int ret;

	if (unlikely(q->halted) && vblk_stay_halted(q))
		return;
	/* first: what a device had done before it was gone counts */
	phase = vblk_phase(q);
	while ((ret = vq_driver_pop(&q->vq, &c, NULL)) == 1) {
		vblk_completed(q, &c);
		q->armed = false; /* that was for the one before */
	}
	if (unlikely(ret < 0 || phase != VBLK_RUNNING)) {
		vblk_change_phase(q, phase, ret < 0);
		if (q->halted)
			return;
	}
	hand_over(q); /* next steps */
}

/* ---- waiting ---- */

/* Until the call fd is written to. 0, -ETIME or -EINTR. */
static int sleep_on_call(struct vblk_queue *q, const struct queue_wait *wait)
{
	struct pollfd pfd = {.fd = q->call_fd, .events = POLLIN};
	bool timed = wait->deadline_ns != INT64_MAX;
	int64_t left_ns = timed ? wait->deadline_ns - clock_now_ns() : 0;
	struct timespec timeout = {0, 0};
	eventfd_t ignored;
	int ret;

	if (left_ns > 0)
		timeout = (struct timespec){left_ns / NS_PER_SEC,
					    left_ns % NS_PER_SEC};
	ret = ppoll(&pfd, 1, timed ? &timeout : NULL, wait->sig);
	if (ret == 0)
		return -ETIME;
	if (ret < 0) /* else: EINTR is its only error with these arguments */
		return wait->interruptible ? -EINTR : 0;
	eventfd_read(q->call_fd, &ignored);
	return 0;
}

static int await_call(struct vblk_queue *q, const struct queue_wait *wait)
{
	bool missed;

	ask_for_calls(q, &missed);
	return missed ? 0 : sleep_on_call(q, wait);
}

static inline void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static bool spin_for_completions(const struct vblk_queue *q)
{
	for (int i = 0; i < SPINS; i++) {
		if (vq_driver_has_completions(&q->vq))
			return true;
		relax();
	}
	return false;
}

static bool is_lost(const struct vblk_queue *q)
{
	enum vblk_phase phase = vblk_phase(q);

	return phase == VBLK_STOPPING || phase == VBLK_GONE;
}

/* As sleep_on_call(). wait->sig lets in signals held since process(). */
static int spin(struct vblk_queue *q, const struct queue_wait *wait)
{
	const struct timespec at_once = {0, 0};
	bool timed = wait->deadline_ns != INT64_MAX;

	while (!spin_for_completions(q)) {
		if (is_lost(q))
			return 0;
		if (wait->interruptible &&
		    ppoll(NULL, 0, &at_once, wait->sig) < 0)
			return -EINTR;
		if (timed && clock_now_ns() >= wait->deadline_ns)
			return -ETIME;
	}
	return 0;
}

/* Until there may be something. A halted queue sleeps, though it polls. */
static int wait_once(struct vblk_queue *q, const struct queue_wait *wait)
{
	if (unlikely(q->halted))
		return sleep_on_call(q, wait);
	return q->base.poll ? spin(q, wait) : await_call(q, wait);
}

static int wait_for(struct vblk_queue *q, unsigned goal,
		    const struct queue_wait *wait)
{
	int ret = 0;

	while (q->base.ready < goal && ret == 0) {
		ret = wait_once(q, wait);
		look(q);
	}
	return q->base.ready < goal ? ret : 0;
}

/* What the completion fd is to tell of from now on. */
static void arm(struct vblk_queue *q)
{
	bool missed;

	if (q->base.poll || q->halted)
		return;
	if (!q->base.completion_fd_enabled) {
		if (q->armed)
			ask_for_no_calls(q);
		return;
	}
	while (!q->armed && !q->halted) {
		ask_for_calls(q, &missed);
		if (missed)
			look(q);
	}
}

static int process(struct vblk_queue *q, unsigned want, bool reap,
		   const struct queue_wait *wait)
{
	unsigned goal = q->base.ready + want;
	int ret = 0;

	if (likely(!q->halted))
		hand_over(q);
	if (!reap)
		return 0;
	look(q);
	if (q->base.ready < goal)
		ret = wait_for(q, goal, wait);
	arm(q);
	return ret;
}

/* A signal that comes while the ring is looked at must wait to be seen. */
static RARELY int process_holding_signals(struct vblk_queue *q, unsigned want,
					  bool reap,
					  const struct queue_wait *wait)
{
	struct queue_wait held = *wait;
	sigset_t before;
	int ret;

	signals_block(&before);
	held.sig = &before;
	ret = process(q, want, reap, &held);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ret;
}

int vblk_process(struct blkioq *bq, unsigned want, bool reap,
		 const struct queue_wait *wait)
{
	struct vblk_queue *q = to_vblkq(bq);

	if (unlikely(q->base.poll && wait->interruptible))
		return process_holding_signals(q, want, reap, wait);
	return process(q, want, reap, wait);
}

/* What has completed already is not signalled; the next one is. */
void vblk_completion_fd_changed(struct blkioq *bq)
{
	struct vblk_queue *q = to_vblkq(bq);
	bool missed;

	if (q->halted)
		return; /* arm() will, once it is not */
	if (bq->completion_fd_enabled)
		ask_for_calls(q, &missed);
	else
		ask_for_no_calls(q);
}

void vblk_settle(struct vblk_queue *q, int64_t deadline_ns)
{
	const struct queue_wait wait = {.deadline_ns = deadline_ns};
	int ret = process(q, 0, true, &wait); /* parks, if the device is gone */

	while (ret == 0 && !q->halted &&
	       vq_driver_outstanding(&q->vq, q->ids) > 0)
		ret = process(q, 1, true, &wait);
}
