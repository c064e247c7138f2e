/* SPDX-License-Identifier: MIT */
/*
 * Queues of synthetic devices. A request is executed when it is handed over,
 * by process(). It completes right then, or once the latency is over.
 *
 * All requests have the same latency, so those that run are in the order of
 * their deadlines and only the first is ever waited for. With a latency the
 * completion fd is a timerfd set to that deadline, else an eventfd.
 *
 * Failure modes: none of its own; a fault is a request's result. Thread rule:
 * on the queue's thread, without locks.
 */
#include "libblkio/drivers/synthetic/synthetic.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "util/clock.h"

#define AT_ONCE_NS 1 /* a deadline in the past; 0 would disarm */

static struct synth_queue *to_queue(struct blkioq *q)
{
	return (struct synth_queue *)q;
}

static struct synth_request *first_running(const struct synth_queue *sq)
{
	return (struct synth_request *)sq->running.head;
}

int synth_queue_init(struct blkioq *q, struct err *err)
{
	struct synth_queue *sq = to_queue(q);

	request_fifo_init(&sq->submitted);
	request_fifo_init(&sq->running);
	if (q->poll)
		return 0;
	sq->timed = to_synth(q->dev)->latency_us > 0;
	if (sq->timed)
		q->completion_fd = timerfd_create(CLOCK_MONOTONIC,
						  TFD_CLOEXEC | TFD_NONBLOCK);
	else
		q->completion_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (q->completion_fd < 0)
		return err_sys(err, errno, "completion fd of a queue");
	return 0;
}

void synth_queue_exit(struct blkioq *q)
{
	if (q->completion_fd >= 0)
		close(q->completion_fd);
}

/* ---- completion fd ---- */

static void arm(struct synth_queue *sq, int64_t at_ns)
{
	const struct itimerspec its = {
		.it_value = {at_ns / NS_PER_SEC, at_ns % NS_PER_SEC},
	};

	if (at_ns == sq->armed_ns)
		return;
	sq->armed_ns = at_ns;
	/* valid arguments: it can't fail */
	timerfd_settime(sq->base.completion_fd, TFD_TIMER_ABSTIME, &its, NULL);
}

void synth_signal(struct blkioq *q)
{
	const uint64_t one = 1;
	struct synth_queue *sq = to_queue(q);

	if (sq->timed) {
		sq->armed_ns = 0; /* it may have been read: set it again */
		arm(sq, AT_ONCE_NS);
	} else if (write(q->completion_fd, &one, sizeof(one)) < 0) {
		return; /* the counter is full: it is readable */
	}
}

void synth_completion_fd_changed(struct blkioq *q)
{
	struct synth_queue *sq = to_queue(q);

	if (sq->timed && q->completion_fd_enabled && sq->running.head)
		arm(sq, first_running(sq)->deadline_ns);
}

/*
 * The next signal is due. When there are completions that this call of do_io
 * will not fetch, it must not be put off.
 */
static void arm_next(struct synth_queue *sq, bool fetching)
{
	if (!sq->timed || !sq->base.completion_fd_enabled)
		return;
	if (sq->base.ready > 0 && !fetching)
		arm(sq, AT_ONCE_NS);
	else if (sq->running.head)
		arm(sq, first_running(sq)->deadline_ns);
}

/* ---- submission ---- */

static inline int take(struct synth_queue *sq, struct request *r)
{
	request_fifo_push(&sq->submitted, r);
	sq->in_flight++;
	return 0;
}

/* Not inlined: what most requests need must fit in few registers. */
static __attribute__((noinline)) int submit_checked(struct blkioq *q,
						    struct request *r)
{
	struct synth_queue *sq = to_queue(q);
	struct synth_dev *d = to_synth(q->dev);
	int ret;

	/* first: what waits must not be counted as a match for faults yet */
	if (d->queue_depth > 0 && sq->in_flight >= d->queue_depth)
		return -EAGAIN;
	ret = synth_check(q, r);
	return ret < 0 ? ret : take(sq, r);
}

int synth_submit(struct blkioq *q, struct request *r)
{
	const struct synth_dev *d = to_synth(q->dev);
	uint64_t capacity = synth_capacity(d);

	if (unlikely(d->strict || r->op > REQUEST_WRITE || !r->buf ||
		     r->start > capacity || r->len > capacity - r->start))
		return submit_checked(q, r);
	return take(to_queue(q), r);
}

/* ---- completion ---- */

static int execute(struct synth_dev *d, struct request *r)
{
	return unlikely(r->ret < 0) ? r->ret : d->execute(d, r);
}

/* Execute what was submitted; it is complete. Returns how many. */
static int complete_submitted(struct synth_queue *sq)
{
	struct synth_dev *d = to_synth(sq->base.dev);
	struct request *r = sq->submitted.head, *next;
	int n = 0;

	for (; r; r = next, n++) {
		next = r->next;
		request_done(&sq->base, r, execute(d, r));
	}
	request_fifo_init(&sq->submitted);
	sq->in_flight -= n;
	return n;
}

/* Execute what was submitted; it completes when the latency is over. */
static void run_submitted(struct synth_queue *sq)
{
	struct synth_dev *d = to_synth(sq->base.dev);
	int64_t latency_ns = d->latency_us * NS_PER_US;
	int64_t deadline_ns = clock_now_ns() + latency_ns;
	struct request *r;

	while ((r = request_fifo_pop(&sq->submitted))) {
		r->ret = execute(d, r);
		((struct synth_request *)r)->deadline_ns = deadline_ns;
		request_fifo_push(&sq->running, r);
	}
}

/* Complete what has run long enough; true if anything has. */
static bool complete_expired(struct synth_queue *sq)
{
	int64_t now_ns = sq->running.head ? clock_now_ns() : 0;
	bool any = false;

	while (sq->running.head && first_running(sq)->deadline_ns <= now_ns) {
		struct request *r = request_fifo_pop(&sq->running);

		request_done(&sq->base, r, r->ret);
		sq->in_flight--;
		any = true;
	}
	return any;
}

/*
 * Sleep until at_ns; on a poll queue, spin. May return 0 early. -ETIME and
 * -EINTR as process().
 */
static int wait_until(const struct blkioq *q, int64_t at_ns,
		      const struct queue_wait *wait)
{
	int64_t now_ns = clock_now_ns();
	int64_t left_ns = MIN(at_ns, wait->deadline_ns) - now_ns;
	struct timespec ts;

	if (left_ns <= 0)
		return at_ns <= now_ns ? 0 : -ETIME;
	if (q->poll)
		return 0;
	ts = (struct timespec){left_ns / NS_PER_SEC, left_ns % NS_PER_SEC};
	if (ppoll(NULL, 0, &ts, wait->sig) < 0 && wait->interruptible)
		return -EINTR; /* its only error with these arguments */
	return 0;
}

static int process_timed(struct synth_queue *sq, unsigned want, bool reap,
			 const struct queue_wait *wait)
{
	int ret = 0;

	if (sq->submitted.head)
		run_submitted(sq);
	while (reap && !complete_expired(sq) && want > 0 && ret == 0) {
		assert(sq->running.head);
		ret = wait_until(&sq->base, first_running(sq)->deadline_ns,
				 wait);
	}
	arm_next(sq, reap && ret == 0);
	return ret;
}

int synth_process(struct blkioq *q, unsigned want, bool reap,
		  const struct queue_wait *wait)
{
	struct synth_queue *sq = to_queue(q);

	if (unlikely(to_synth(q->dev)->latency_us > 0))
		return process_timed(sq, want, reap, wait);
	if (complete_submitted(sq) > 0 && !reap && q->completion_fd_enabled)
		queue_signal(q);
	return 0;
}
