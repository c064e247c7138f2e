/* SPDX-License-Identifier: MIT */
/*
 * Memory of others that may vanish: see guard.h.
 *
 * A signal handler has no argument of ours, so the ranges are in the one
 * table of the process. It takes no lock: while memory is in use its entry
 * doesn't change, and an entry that comes or goes meanwhile is not the one
 * that was hit. start is what makes one valid: written last, cleared first.
 *
 * mmap(2) is not on the list of what a handler may call, but it is a bare
 * system call, and the fault came from a plain access to memory.
 */
#include "export/vhost-user-blk/guard.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

#include "util/compiler.h"

/* Of all clients together: several times what one can have */
#define RANGES_MAX 4096

struct range {
	_Atomic(uintptr_t) start; /* 0: free */
	_Atomic(size_t) bytes;
	_Atomic(size_t) page_bytes;
	_Atomic(atomic_bool *) lost;
};

static struct {
	pthread_mutex_t lock; /* of who writes */
	bool installed;
	struct sigaction before;
	_Atomic(unsigned) nr; /* entries that were ever used */
	struct range ranges[RANGES_MAX];
} guard = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool replace(struct range *r, uintptr_t at)
{
	uintptr_t start = atomic_load(&r->start);
	size_t bytes = atomic_load(&r->bytes);
	uintptr_t page = ALIGN_DOWN(at, atomic_load(&r->page_bytes));

	if (!start || at < start || at - start >= bytes)
		return false;
	if (mmap((void *)page, start + bytes - page, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
		 0) == MAP_FAILED)
		return false;
	atomic_store(atomic_load(&r->lost), true);
	return true;
}

static void on_sigbus(int signo, siginfo_t *info, void *context)
{
	int saved = errno;
	unsigned nr = atomic_load(&guard.nr);

	/* only what an access ran into: kill(2) gives no address */
	for (unsigned i = 0; info->si_code > 0 && i < nr; i++) {
		if (replace(&guard.ranges[i], (uintptr_t)info->si_addr)) {
			errno = saved;
			return;
		}
	}
	/* the access is made again, and this time it is not caught by us */
	sigaction(signo, &guard.before, NULL);
	if (info->si_code <= 0)
		raise(signo);
	errno = saved;
	(void)context;
}

int guard_install(struct err *err)
{
	struct sigaction sa = {.sa_sigaction = on_sigbus,
			       .sa_flags = SA_SIGINFO};
	int ret = 0;

	pthread_mutex_lock(&guard.lock);
	if (!guard.installed && sigaction(SIGBUS, &sa, &guard.before) < 0)
		ret = err_sys(err, errno, "catching SIGBUS");
	else
		guard.installed = true;
	pthread_mutex_unlock(&guard.lock);
	return ret;
}

static void fill(struct range *r, void *addr, size_t bytes, size_t page_bytes,
		 atomic_bool *lost)
{
	atomic_store(&r->bytes, bytes);
	atomic_store(&r->page_bytes, page_bytes);
	atomic_store(&r->lost, lost);
	atomic_store(&r->start, (uintptr_t)addr);
}

/* The entry that starts there, or NULL; 0 finds a free one. */
static struct range *find(uintptr_t start)
{
	for (unsigned i = 0; i < RANGES_MAX; i++) {
		if (atomic_load(&guard.ranges[i].start) == start)
			return &guard.ranges[i];
	}
	return NULL;
}

int guard_add(void *addr, size_t bytes, size_t page_bytes, atomic_bool *lost,
	      struct err *err)
{
	struct range *r;

	pthread_mutex_lock(&guard.lock);
	r = find(0);
	if (r) {
		fill(r, addr, bytes, page_bytes, lost);
		if (r - guard.ranges >= (ptrdiff_t)atomic_load(&guard.nr))
			atomic_store(&guard.nr, r - guard.ranges + 1);
	}
	pthread_mutex_unlock(&guard.lock);
	if (!r)
		return err_set(err, ENOSPC,
			       "memory of clients: more than %d regions in "
			       "this process",
			       RANGES_MAX);
	return 0;
}

void guard_remove(void *addr)
{
	struct range *r;

	pthread_mutex_lock(&guard.lock);
	r = find((uintptr_t)addr);
	if (r)
		atomic_store(&r->start, 0);
	pthread_mutex_unlock(&guard.lock);
}
