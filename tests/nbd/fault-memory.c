/* SPDX-License-Identifier: MIT */
/* Whichever allocation fails, the server reports or drops, and serves on. */
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#include "tests/nbd/rig.h"

/* Allocations until the one that fails; negative: none does. */
static int countdown = -1;
static bool failed;

static bool fails(void)
{
	bool now = countdown == 0;

	if (countdown >= 0)
		countdown--;
	failed |= now;
	return now;
}

/* the linker's --wrap puts these in front of the allocator's */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_mmap(void *addr, size_t len, int prot, int flags, int fd,
		  off_t offset);
char *__real_strdup(const char *s);
int __real_posix_memalign(void **p, size_t align, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_mmap(void *addr, size_t len, int prot, int flags, int fd,
		  off_t offset);
char *__wrap_strdup(const char *s);
int __wrap_posix_memalign(void **p, size_t align, size_t size);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

char *__wrap_strdup(const char *s)
{
	return fails() ? NULL : __real_strdup(s);
}

int __wrap_posix_memalign(void **p, size_t align, size_t size)
{
	return fails() ? ENOMEM : __real_posix_memalign(p, align, size);
}

void *__wrap_mmap(void *addr, size_t len, int prot, int flags, int fd,
		  off_t offset)
{
	if (!fails())
		return __real_mmap(addr, len, prot, flags, fd, offset);
	errno = ENOMEM;
	return MAP_FAILED;
}

#define HEADER "\x25\x60\x95\x13\0\0"

/* GO, then one request of each kind. */
static const char script[] = RIG_GO
			     HEADER "\0\1" "cookie 1" "\0\0\0\0\0\0\0\1"
			     "\0\0\0\5" "write"
			     HEADER "\0\3" "cookie 2" "\0\0\0\0\0\0\0\0"
			     "\0\0\0\0"
			     HEADER "\0\6" "cookie 3" "\0\0\0\0\0\0\3\1"
			     "\0\0\x20\5"
			     HEADER "\0\5" "cookie 4" "\0\0\0\0\0\0\0\0"
			     "\0\0\x20\0"
			     HEADER "\0\4" "cookie 5" "\0\0\0\0\0\0\x40\0"
			     "\0\0\x10\0"
			     HEADER "\0\0" "cookie 6" "\0\0\0\0\0\0\0\0"
			     "\0\0\x10\0"
			     HEADER "\0\2" "cookie 7" "\0\0\0\0\0\0\0\0"
			     "\0\0\0";

static size_t run_client(struct rig *rig)
{
	static uint8_t answer[16384];

	return rig_talk(rig, script, sizeof(script), answer, sizeof(answer));
}

/* Until a whole start went without a failure. */
static void fail_start(struct rig *rig)
{
	for (int n = 0;; n++) {
		int ret;

		failed = false;
		countdown = n;
		ret = rig_start(rig);
		countdown = -1;
		check_int(ret, failed ? -ENOMEM : 0);
		if (!failed) {
			check(n >= 6); /* server, workers, 4 of the export */
			return;
		}
	}
}

/* The same for a client. */
static void fail_client(struct rig *rig)
{
	for (int n = 0;; n++) {
		size_t got, all;

		/* nothing kept from the round before */
		rig_stop(rig);
		check_int(rig_start(rig), 0);
		failed = false;
		countdown = n;
		got = run_client(rig);
		countdown = -1;
		all = run_client(rig);
		/* six replies and what was read */
		check_int(all, RIG_GO_REPLY + 6 * 16 + 4096);
		check(got <= all);
		if (!failed) {
			check_int(got, all);
			check(n >= 4); /* client, input, jobs, a buffer */
			return;
		}
	}
}

int main(void)
{
	struct rig rig;

	rig_open(&rig, "driver=ram,size=1M,request-alignment=512");
	fail_start(&rig);
	fail_client(&rig);
	rig_stop(&rig);
	rig_close(&rig);
	return 0;
}
