/* SPDX-License-Identifier: MIT */
/*
 * Makes the nth system call of a library fail, as it is shipped: nothing is
 * linked in front of anything. The test runs in a child process under a
 * seccomp filter that reports each system call to its parent, which counts
 * those of interest and answers one of them with an error instead of letting
 * it through. Needs Linux 5.5, and no privilege.
 *
 * Of interest is what code in libblkio, liburing or libc calls (a sanitizer's
 * own calls are not), on the main thread between syscalls_on() and
 * syscalls_off(), on other threads at any time in a run. Not failed are calls
 * that can't fail when used rightly: see syscalls.c. What close(2) and
 * munmap(2) fail to do is done in syscalls_off(), for nobody else would.
 *
 * Thread rule: all but syscalls_hit() on the child's main thread.
 */
#ifndef TESTS_IOU_SYSCALLS_H
#define TESTS_IOU_SYSCALLS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Run child() in a child under the filter. Returns in the parent: the exit
 * status for the test, having said what was being failed if that isn't 0.
 * A child that makes no progress for a long time is killed.
 */
int syscalls_run(void (*child)(void));

/*
 * Begin a run in which the call after the first `after` fails, with the
 * choice-th of the errors that it is known for.
 */
void syscalls_begin(int64_t after, unsigned choice);

/* End it. true: there are more choices for the call. */
bool syscalls_end(void);

void syscalls_on(void);
void syscalls_off(void);

/* Whether the call has been made to fail in this run. */
bool syscalls_hit(void);

#endif
