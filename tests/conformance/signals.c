/* SPDX-License-Identifier: MIT */
/*
 * The end of a wait by a signal, where the caller asked for that, and the
 * signal mask for the time of the wait.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

#include "tests/conformance/conformance.h"

static volatile sig_atomic_t nr_signals;

static void count_signal(int sig)
{
	nr_signals++;
}

static void handle(int sig)
{
	struct sigaction action = {.sa_handler = count_signal};

	check_int(sigaction(sig, &action, NULL), 0);
}

/* SIGALRM each 5 ms from now on */
static void start_ticks(void)
{
	struct itimerspec its = {{0, 5 * NS_PER_MS}, {0, 5 * NS_PER_MS}};
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGALRM,
	};
	timer_t timer;

	handle(SIGALRM);
	check_int(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	check_int(timer_settime(timer, 0, &its, NULL), 0);
}

static void case_goes_on(const struct target *t, const void *arg)
{
	struct slow s = slow_start(t, false);

	slow_submit(&s, s.d.q, NULL);
	start_ticks();
	check_timeout(s.d.q, 50 * NS_PER_MS);
	check(nr_signals > 0);
	slow_close(&s);
}

/* Ends long before the timeout, which tells how much of it is left. */
static void check_interrupted(struct blkioq *q, const sigset_t *sig)
{
	struct timespec ts = {2, 0};
	struct blkio_completion c;

	check_refused(blkioq_do_io_interruptible(q, &c, 1, 1, &ts, sig), EINTR);
	check(is_normal(&ts));
	check(ns_of(&ts) > 0 && ns_of(&ts) < 2 * NS_PER_SEC);
}

/* In the call that submits, and in one that only waits. */
static void case_interrupted(const struct target *t, const void *arg)
{
	struct slow s = slow_start(t, false);

	slow_submit(&s, s.d.q, NULL);
	start_ticks();
	check_interrupted(s.d.q, NULL);
	slow_close(&s);
}

static void case_interrupted_waiting(const struct target *t, const void *arg)
{
	struct slow s = slow_start(t, false);

	slow_submit(&s, s.d.q, NULL);
	check_int(blkioq_do_io(s.d.q, NULL, 0, 0, NULL), 0);
	start_ticks();
	check_interrupted(s.d.q, NULL);
	check_interrupted(s.d.q, NULL);
	slow_close(&s);
}

/* ---- one signal, for a thread that sleeps ---- */

struct alarm_clock {
	pthread_t thread, sleeper;
	pid_t tid; /* of the sleeper */
};

static bool is_asleep(pid_t tid)
{
	char path[64], state = 'R';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
	f = fopen(path, "re");
	check(f);
	check_int(fscanf(f, "%*d (%*[^)]) %c", &state), 1);
	fclose(f);
	return state == 'S';
}

/* Interrupt the sleeper once, as soon as it sleeps. */
static void *ring(void *arg)
{
	struct alarm_clock *a = arg;

	while (!is_asleep(a->tid))
		sched_yield();
	check_int(pthread_kill(a->sleeper, SIGUSR2), 0);
	return NULL;
}

/* In the call that submits, which sleeps in the kernel as well. */
static void case_interrupted_once(const struct target *t, const void *arg)
{
	struct slow s = slow_start(t, false);
	struct alarm_clock a = {.sleeper = pthread_self(), .tid = gettid()};

	handle(SIGUSR2);
	slow_submit(&s, s.d.q, NULL);
	check_int(pthread_create(&a.thread, NULL, ring, &a), 0);
	check_interrupted(s.d.q, NULL);
	check_int(pthread_join(a.thread, NULL), 0);
	check_int(nr_signals, 1);
	slow_close(&s);
}

/* ---- the mask ---- */

/* A signal is pending that the thread blocks. */
static void raise_blocked(int sig)
{
	sigset_t set;

	handle(sig);
	sigemptyset(&set);
	sigaddset(&set, sig);
	check_int(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	check_int(raise(sig), 0);
}

static bool is_blocked(int sig)
{
	sigset_t set;

	check_int(sigprocmask(SIG_BLOCK, NULL, &set), 0);
	return sigismember(&set, sig);
}

/* Only the mask lets it in, and only for the time of the wait. */
static void case_mask_opens(const struct target *t, const void *arg)
{
	struct slow s = slow_start(t, false);
	struct timespec ts = {0, 20 * NS_PER_MS};
	struct blkio_completion c;
	sigset_t none;

	sigemptyset(&none);
	slow_submit(&s, s.d.q, NULL);
	raise_blocked(SIGUSR1);
	check_refused(blkioq_do_io_interruptible(s.d.q, &c, 1, 1, &ts, NULL),
		      ETIME);
	check_int(nr_signals, 0);
	check_interrupted(s.d.q, &none);
	check_int(nr_signals, 1);
	check(is_blocked(SIGUSR1));
	slow_close(&s);
}

/* The mask keeps out what the thread would take. */
static void case_mask_closes(const struct target *t, const void *arg)
{
	struct slow s = slow_start(t, false);
	struct timespec ts = {0, 50 * NS_PER_MS};
	struct blkio_completion c;
	sigset_t all;

	sigfillset(&all);
	slow_submit(&s, s.d.q, NULL);
	start_ticks();
	check_refused(blkioq_do_io_interruptible(s.d.q, &c, 1, 1, &ts, &all),
		      ETIME);
	check(!is_blocked(SIGALRM));
	slow_close(&s);
}

/* A wait that ends well, with and without a mask; in one call or two. */
static void check_completes(const struct target *t, const sigset_t *sig)
{
	struct slow s = slow_start(t, true);
	struct timespec ts = {0, NS_PER_MS};
	struct blkio_completion c;

	slow_submit(&s, s.d.q, NULL);
	check_refused(blkioq_do_io_interruptible(s.d.q, &c, 1, 1, &ts, sig),
		      ETIME);
	slow_release(&s);
	ts.tv_sec = WAIT_S;
	check_int(blkioq_do_io_interruptible(s.d.q, &c, 1, 1, &ts, sig), 1);
	check_int(c.ret, 0);
	slow_close(&s);
}

static void case_completes(const struct target *t, const void *arg)
{
	check_completes(t, NULL);
}

static void case_mask_completes(const struct target *t, const void *arg)
{
	sigset_t none;

	sigemptyset(&none);
	check_completes(t, &none);
}

/* A completion that is there wins over a signal. */
static void case_completion_wins(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);
	struct blkio_completion c;
	sigset_t none;

	sigemptyset(&none);
	raise_blocked(SIGUSR1);
	blkioq_flush(d.q, NULL, 1u << 9);
	check_int(blkioq_do_io_interruptible(d.q, &c, 1, 1, NULL, &none), 1);
	check_int(c.ret, -EINVAL);
	dev_close(&d);
}

void add_signal_cases(struct suite *s)
{
	add_case(s, case_goes_on, NULL, "signal.do-io-goes-on");
	add_case(s, case_interrupted, NULL, "signal.interrupts");
	add_case(s, case_interrupted_waiting, NULL,
		 "signal.interrupts-waiting");
	add_case(s, case_interrupted_once, NULL, "signal.interrupts-once");
	add_case(s, case_completes, NULL, "signal.completes");
	add_case(s, case_mask_opens, NULL, "signal.mask-opens");
	add_case(s, case_mask_closes, NULL, "signal.mask-closes");
	add_case(s, case_mask_completes, NULL, "signal.mask-completes");
	add_case(s, case_completion_wins, NULL, "signal.completion-wins");
}
