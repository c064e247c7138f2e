/* SPDX-License-Identifier: MIT */
/*
 * Event loop: file descriptors, timers, bottom halves, deferred calls.
 *
 * One loop per thread. Everything a caller registers is embedded in the
 * caller's own structure, so nothing here allocates after loop_create().
 *
 * An iteration: run bottom halves and expired timers; if nothing was done,
 * poll in user space for a while where that has paid off lately, then block
 * in epoll_wait(2); dispatch; run the deferred calls. loop_run_once() may be
 * called again from inside any callback (a nested run); each event is still
 * delivered once.
 *
 * Threads: all functions are for the loop's own thread, the one that created
 * it (asserted when it runs), except those whose comment says "any thread".
 * A loop must outlive every call from another thread.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"
#include "util/list.h"

struct loop;

/*
 * Create a loop and make it current for this thread. Returns 0, or
 *   -ENOMEM, -EMFILE, -ENFILE   from epoll_create1(2) or eventfd(2)
 *   -EBUSY                      this thread already has a loop
 */
int loop_create(struct loop **loop, struct err *err);

/* Everything registered must be gone (asserted). Own thread only. */
void loop_destroy(struct loop *loop);

/* The calling thread's loop, or NULL. Any thread. */
struct loop *loop_current(void);

/*
 * One iteration. With block false it only takes what is ready. Returns true
 * when any callback ran. Not from a coroutine (asserted).
 */
bool loop_run_once(struct loop *loop, bool block);

/* Iterate until loop_stop(). */
void loop_run(struct loop *loop);

/* Iterate until done(opaque) is true; it is asked before each iteration. */
void loop_run_until(struct loop *loop, bool (*done)(void *opaque),
		    void *opaque);

/*
 * Make loop_run() return after the iteration that finds this request; bottom
 * halves scheduled before it have run then. Any thread, also a signal handler.
 */
void loop_stop(struct loop *loop);

/* ---- file descriptors ---- */

struct loop_fd;

enum loop_poll {
	LOOP_POLL_IDLE,	 /* nothing outstanding: not worth polling for */
	LOOP_POLL_BUSY,	 /* outstanding, not ready: polling may pay */
	LOOP_POLL_READY, /* call poll_ready */
};

/*
 * poll must be cheap: user space only, no side effect a caller could see.
 * A handler with poll is in polled mode while the loop runs callbacks:
 * notify(false) tells it that its fd need not be signalled. Before the loop
 * blocks it calls notify(true) and then poll once more, so no event is lost;
 * for that, notify(true) has to be a full memory barrier towards whoever
 * signals. Neither of the two may call into the loop.
 */
struct loop_fd_ops {
	void (*on_read)(struct loop_fd *fd);  /* EPOLLIN, hang-up or error */
	void (*on_write)(struct loop_fd *fd); /* EPOLLOUT, hang-up or error */
	enum loop_poll (*poll)(struct loop_fd *fd);    /* or NULL */
	void (*poll_ready)(struct loop_fd *fd);	       /* with poll */
	void (*notify)(struct loop_fd *fd, bool on);   /* or NULL */
};

struct loop_fd {
	int fd;			       /* set by the caller, stays its own */
	const struct loop_fd_ops *ops; /* set by the caller */
	/* private to the loop */
	unsigned events; /* LOOP_READ | LOOP_WRITE wanted */
	bool notifying;
	struct loop *loop; /* NULL: not registered */
	struct list_node poll_link;
};

#define LOOP_READ 1u
#define LOOP_WRITE 2u

/*
 * Watch h->fd for events. h stays the caller's, and must stay valid until
 * loop_fd_remove(). With events 0 nothing is watched, not even hang-up.
 * Returns 0 or -errno of epoll_ctl(2); regular files give -EPERM.
 */
int loop_fd_add(struct loop *loop, struct loop_fd *h, unsigned events,
		struct err *err);

/* Change what is watched. Can't fail for an fd that is still open. */
void loop_fd_set_events(struct loop_fd *h, unsigned events);

/*
 * Stop watching, before the fd is closed. Allowed in any callback, h's own
 * included: no further callback of h runs. No-op when not registered.
 */
void loop_fd_remove(struct loop_fd *h);

/* ---- timers ---- */

struct loop_timer {
	void (*fire)(struct loop_timer *timer); /* set by the caller */
	/* private to the loop */
	int64_t deadline_ns;
	int heap_pos; /* -1: not armed */
};

void loop_timer_init(struct loop_timer *timer,
		     void (*fire)(struct loop_timer *timer));

/*
 * Arm, or re-arm, for the monotonic time deadline_ns. Fires once. Returns 0
 * or -ENOMEM (the timer heap could not grow; the timer is not armed).
 */
int loop_timer_arm(struct loop *loop, struct loop_timer *timer,
		   int64_t deadline_ns);

/* No-op when not armed. */
void loop_timer_cancel(struct loop *loop, struct loop_timer *timer);

/* ---- bottom halves: callbacks for the next iteration ---- */

struct loop_bh {
	void (*run)(struct loop_bh *bh); /* set by the caller */
	/* private to the loop */
	struct loop *loop;
	struct loop_bh *next;
	_Atomic(unsigned) state;
};

void loop_bh_init(struct loop_bh *bh, struct loop *loop,
		  void (*run)(struct loop_bh *bh));

/*
 * Run bh once on its loop's thread, soon. Scheduling again before it ran is
 * the same as once. Everything written before the call is visible to
 * bh->run. Any thread; lock-free; wakes the loop when it sleeps.
 */
void loop_bh_schedule(struct loop_bh *bh);

/*
 * Make sure that bh neither runs nor is queued from now on, so that it can
 * be freed. Own thread; nobody may be scheduling it at the same time.
 */
void loop_bh_cancel(struct loop_bh *bh);

/* ---- plug: deferred calls ---- */

struct loop_defer {
	void (*run)(struct loop_defer *defer); /* set by the caller */
	struct loop_defer *next;	       /* private to the loop */
	bool queued;			       /* private to the loop */
};

/*
 * Call defer->run at the end of the current plugged section, once however
 * often it is asked for; at once when no section is open. Each loop
 * iteration is a section of its own.
 */
void loop_defer(struct loop *loop, struct loop_defer *defer);

/* Forget a queued call; no-op when not queued. */
void loop_defer_cancel(struct loop *loop, struct loop_defer *defer);

/* Open / close a section; sections nest, the outermost end runs the calls. */
void loop_plug(struct loop *loop);
void loop_unplug(struct loop *loop);

/* ---- other threads ---- */

/*
 * Run fn(arg) on the loop's thread and wait until it has returned. Any
 * thread, but not a coroutine: it blocks. The loop must be running (or be
 * the caller's own: then it is a plain call).
 */
void loop_call(struct loop *loop, void (*fn)(void *arg), void *arg);

struct loop_thread; /* a thread that does nothing but run its loop */

/* Start a thread named name (15 bytes) with a new loop. 0 or -errno. */
int loop_thread_start(const char *name, struct loop_thread **thread,
		      struct err *err);
struct loop *loop_thread_loop(struct loop_thread *thread);

/* Stop the loop, wait for the thread, destroy both. */
void loop_thread_stop(struct loop_thread *thread);

/* ---- tuning ---- */

/*
 * Upper bound of user-space polling before the loop blocks, in nanoseconds;
 * 0 turns it off. Default LOOP_POLL_MAX_NS. Within the bound the loop finds
 * the length itself: it grows while polling pays and backs off when not.
 */
#define LOOP_POLL_MAX_NS 32000
void loop_set_poll_max_ns(struct loop *loop, int64_t max_ns);

#endif
