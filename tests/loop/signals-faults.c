/* SPDX-License-Identifier: MIT */
/* Where signals are left to others, a handler of the thread's own faults runs
 * all the same, and what others send waits. */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check.h"
#include "util/signals.h"

static void handler(int signo)
{
	_exit(100 + signo);
}

/* Write where it can't be done, with signals left to others: how it ends */
static int touch(volatile char *mem, int signo)
{
	pid_t pid = fork();
	int status;

	check(pid >= 0);
	if (pid == 0) {
		sigset_t before;

		signal(signo, handler);
		signal(SIGTERM, handler);
		signals_block(&before);
		kill(getpid(), SIGTERM);
		*mem = 1;
		_exit(1);
	}
	check_int(waitpid(pid, &status, 0), pid);
	check(WIFEXITED(status));
	return WEXITSTATUS(status);
}

int main(void)
{
	int fd = memfd_create("none", MFD_CLOEXEC);
	void *cut = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	void *fixed =
		mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(cut != MAP_FAILED && fixed != MAP_FAILED);
	check_int(touch(cut, SIGBUS), 100 + SIGBUS);
	check_int(touch(fixed, SIGSEGV), 100 + SIGSEGV);
	return 0;
}
