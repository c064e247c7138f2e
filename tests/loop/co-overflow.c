/* SPDX-License-Identifier: MIT */
/* A coroutine that overflows its stack gets SIGSEGV from the guard page, and
 * does not run on into the mapping below. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "loop/co_int.h"
#include "tests/loop/loop_test.h"

static volatile int bottom;
static struct co *co;

static int dig(int n)
{
	volatile char frame[256];

	frame[0] = n;
	if (n < 1 << 20 && !bottom)
		return dig(n + 1) + frame[0];
	return n;
}

static void body(void *arg)
{
	dig(0);
}

static void on_segv(int signum, siginfo_t *info, void *context)
{
	uintptr_t offset = (uintptr_t)info->si_addr - (uintptr_t)co->mapping;

	_exit(offset < (uintptr_t)sysconf(_SC_PAGESIZE) ? 99 : 98);
}

static void child(void)
{
	static char alt[64 * 1024];
	stack_t ss = {.ss_sp = alt, .ss_size = sizeof(alt)};
	struct sigaction action = {.sa_sigaction = on_segv,
				   .sa_flags = SA_SIGINFO | SA_ONSTACK};

	test_loop();
	check_int(sigaltstack(&ss, NULL), 0);
	check_int(sigaction(SIGSEGV, &action, NULL), 0);
	co = co_create(body, NULL);
	check(co);
	co_enter(co);
	_exit(1); /* it went through */
}

int main(void)
{
	struct rlimit no_core = {0, 0};
	int status;
	pid_t pid;

	setrlimit(RLIMIT_CORE, &no_core);
	pid = fork();
	check(pid >= 0);
	if (pid == 0)
		child();
	check_int(waitpid(pid, &status, 0), pid);
	check(WIFEXITED(status));
	check_int(WEXITSTATUS(status), 99);
	return 0;
}
