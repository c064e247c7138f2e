/* SPDX-License-Identifier: MIT */
/*
 * Termination signals in the loop, through signalfd(2): see interrupt.h.
 */
#include "cli/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "util/clock.h"

#define SAME_SIGNAL_NS (NS_PER_SEC / 2)

static void interrupt_read(struct loop_fd *h)
{
	struct interrupt *interrupt =
		container_of(h, struct interrupt, handler);
	struct signalfd_siginfo info;

	while (read(h->fd, &info, sizeof(info)) == sizeof(info)) {
		int64_t now_ns = clock_now_ns();

		if (interrupt->times == 0)
			interrupt->first_ns = now_ns;
		else if (now_ns - interrupt->first_ns < SAME_SIGNAL_NS)
			continue;
		interrupt->fire(interrupt, (int)info.ssi_signo,
				++interrupt->times);
	}
}

static const struct loop_fd_ops interrupt_ops = {
	.on_read = interrupt_read,
};

/* Add signo unless this process was told to ignore it. */
static void add_unless_ignored(sigset_t *set, int signo)
{
	struct sigaction action;

	if (sigaction(signo, NULL, &action) == 0 &&
	    action.sa_handler != SIG_IGN)
		sigaddset(set, signo);
}

int interrupt_start(struct interrupt *interrupt, struct loop *loop,
		    void (*fire)(struct interrupt *, int, unsigned),
		    struct err *err)
{
	sigset_t set;
	int ret;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	add_unless_ignored(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);

	*interrupt = (struct interrupt){.fire = fire};
	interrupt->handler.ops = &interrupt_ops;
	interrupt->handler.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (interrupt->handler.fd < 0)
		return err_sys(err, errno, "waiting for signals");
	ret = loop_fd_add(loop, &interrupt->handler, LOOP_READ, err);
	if (ret < 0)
		close(interrupt->handler.fd);
	return ret;
}

void interrupt_stop(struct interrupt *interrupt)
{
	loop_fd_remove(&interrupt->handler);
	close(interrupt->handler.fd);
}
