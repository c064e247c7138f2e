/* SPDX-License-Identifier: MIT */
/*
 * A device with in-flight records is killed at any instruction, again and
 * again, while it serves: the next one goes on from the records, and to the
 * driver every request completes exactly once, with its answer written.
 */
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vq_pair.h"

#define SIZE 32
#define DEATHS 3000
#define SECONDS 3 /* for each mode, where processors are few or busy */
#define DEADLINE_S 50
#define IOVS 4

static struct pair p;
static uint64_t random_state = 88172645463325252;

struct cell {
	uint64_t question;
	uint64_t answer;
};

/* Requests by number of their cell */
static bool outstanding[SIZE];
static unsigned added, done;
static bool adding;
static unsigned nr_free;
static unsigned free_cells[SIZE];

static struct cell *cells(void)
{
	return pair_ptr(&p, pair_data(&p));
}

static void *records(void)
{
	/* behind the cells, on a page of their own */
	return pair_ptr(&p, pair_data(&p) + 65536);
}

/* ---- the device, in a process of its own ---- */

static void answer(const struct vq_chain *c)
{
	uint64_t *question = c->iov[0].iov_base;

	check_int(c->nr_readable, 1);
	check_int(c->nr_writable, 1);
	*(uint64_t *)c->iov[1].iov_base = *question + 1;
}

/* Serve for ever, out of order, some requests held back, batches of any size */
static void serve(uint64_t seed)
{
	static struct vq_chain chains[SIZE];
	static struct iovec iov[SIZE][IOVS];
	struct vq_device_config config = pair_device_config(&p);
	unsigned nr = 0, at;

	config.inflight = records();
	check_int(vq_device_init(&p.dev, &config, &p.err), 0);
	for (;;) {
		int ret = 0;

		if (nr < SIZE) {
			chains[nr].iov = iov[nr];
			chains[nr].max_iov = IOVS;
			ret = vq_device_pop(&p.dev, &chains[nr], &p.err);
			if (ret < 0)
				fprintf(stderr, "%s\n", p.err.text);
			check(ret >= 0);
			nr += ret;
		}
		if (nr > 0 && (ret == 0 || pair_random(&seed) % 2)) {
			struct iovec last[IOVS];

			at = pair_random(&seed) % nr;
			answer(&chains[at]);
			vq_device_push(&p.dev, &chains[at], 8);
			/* the last takes its place */
			nr--;
			memcpy(last, iov[nr], sizeof(last));
			chains[at] = chains[nr];
			chains[at].iov = iov[at];
			memcpy(iov[at], last, sizeof(last));
		}
		if (pair_random(&seed) % 4 == 0)
			vq_device_publish(&p.dev);
		if (pair_random(&seed) % 16 == 0)
			sched_yield(); /* there may be one processor */
	}
}

static pid_t start(void)
{
	uint64_t seed = random_state;
	pid_t parent = getpid(), child = fork();

	check(child >= 0);
	if (child == 0) {
		/* a test that fails leaves nobody behind */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		serve(seed);
	}
	return child;
}

static void stop(pid_t child)
{
	int status;

	kill(child, SIGKILL);
	check_int(waitpid(child, &status, 0), child);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* ---- the driver ---- */

static void add(void)
{
	unsigned i = free_cells[nr_free - 1];
	uint64_t at = pair_data(&p) + i * sizeof(struct cell);
	struct vq_segment segs[2] = {
		{at + offsetof(struct cell, question), 8},
		{at + offsetof(struct cell, answer), 8},
	};

	cells()[i] = (struct cell){.question = added * 3};
	if (vq_driver_add(&p.drv, segs, 1, 1, cells() + i) < 0)
		return;
	check(!outstanding[i]);
	outstanding[i] = true;
	nr_free--;
	added++;
}

static void pop(void)
{
	struct vq_completion c;
	struct cell *cell;
	int ret = vq_driver_pop(&p.drv, &c, &p.err);

	if (ret < 0)
		fprintf(stderr, "%s\n", p.err.text);
	check(ret >= 0);
	if (ret == 0) {
		sched_yield();
		return;
	}
	cell = c.cookie;
	check(outstanding[cell - cells()]);
	check(cell->answer == cell->question + 1);
	check_int(c.written_bytes, 8);
	outstanding[cell - cells()] = false;
	free_cells[nr_free++] = cell - cells();
	done++;
}

static void some_work(unsigned steps)
{
	while (steps-- > 0) {
		unsigned what = pair_random(&random_state) % 4;

		if (what == 0 && nr_free > 0 && adding)
			add();
		else if (what == 1)
			vq_driver_publish(&p.drv);
		else
			pop();
	}
}

/* Add and pop until so many are done. */
static void work(unsigned want)
{
	time_t end = time(NULL) + DEADLINE_S;

	while (done < want) {
		some_work(20);
		if (time(NULL) < end)
			continue;
		fprintf(stderr, "%u of %u completed, %u wanted within %u s\n",
			done, added, want, DEADLINE_S);
		exit(1);
	}
}

static void run(unsigned mode)
{
	time_t end = time(NULL) + SECONDS;
	unsigned deaths = 0;
	pid_t child;

	pair_open(&p, SIZE, pair_features(mode), mode & 4 ? 2 : 0);
	check(vq_inflight_bytes(SIZE, mode & 1) < 65536);
	memset(outstanding, 0, sizeof(outstanding));
	added = done = 0;
	adding = true;
	nr_free = SIZE;
	for (unsigned i = 0; i < SIZE; i++)
		free_cells[i] = i;
	for (; deaths < DEATHS && time(NULL) < end; deaths++) {
		child = start();
		/* the first in their childhood, before they did anything */
		work(done + pair_random(&random_state) % (deaths % 200 + 1));
		stop(child);
	}
	child = start();
	adding = false;
	work(added);
	stop(child);
	check_int(done, added);
	check_int(vq_driver_free(&p.drv), SIZE);
	printf("mode %u: %u requests, %u deaths\n", mode, done, deaths);
	pair_close(&p);
}

int main(void)
{
	static const unsigned modes[] = {0, 1, 4, 5, 3};

	for (unsigned i = 0; i < ARRAY_SIZE(modes); i++)
		run(modes[i]);
	return 0;
}
