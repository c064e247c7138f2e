/* SPDX-License-Identifier: MIT */
/*
 * Load as fio's libblkio engine makes it, and every byte read is checked.
 *
 *   engine-load PATH NAME=VALUE...
 *     wait=block|eventfd|loop   how completions are waited for
 *     buffers=alloc|malloc      from the library, or the program's own, mapped
 *     jobs=process|thread       what each of the jobs is
 *     vectored, poll, zeroes    true or false: readv and writev; a poll queue;
 *                               trims write zeroes, or discard
 *     others                    properties set before connecting
 *
 * It stands in for that engine where fio can't be built with it, so it makes
 * the same calls in the same order: one instance that is asked for the size
 * only, before the jobs are forked; one per job; the completion fd made
 * blocking; requests queued one by one, and those that are done taken by the
 * engine's three ways of waiting. Each job has a part of the disk, whose
 * contents it knows.
 *
 * Failure: the first thing that is not as it must be ends the program with
 * status 1. alarm(2) ends one that waits for ever.
 */
#include <blkio.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check.h"

#define NR_JOBS 3
#define DEPTH 16
#define NR_BLOCKS 256 /* of each job */
#define BLOCK 4096
#define NR_REQUESTS 1500 /* of each job, between filling and the last look */
#define DEADLINE_S 60

/* 0, or end with the library's text */
#define check_ok(call)                                     \
	do {                                               \
		if ((call) < 0) {                          \
			fprintf(stderr, "%s: %s\n", #call, \
				blkio_get_error_msg());    \
			exit(1);                           \
		}                                          \
	} while (0)

enum wait { WAIT_BLOCK, WAIT_EVENTFD, WAIT_LOOP };
enum action { READ, WRITE, TRIM, FLUSH };

/* as the command line says; the jobs only read it */
struct load {
	char *path;
	char **properties; /* "name=value", up to NULL */
	enum wait wait;
	bool own_buffers;
	bool threads;
	bool vectored;
	bool poll;
	bool zeroes;
};

/* one of the requests that a job has in flight */
struct request {
	enum action action;
	unsigned block;
	struct iovec iov; /* its buffer, BLOCK bytes, for all its life */
	struct request *next_idle;
};

struct job {
	const struct load *load;
	unsigned index;
	struct blkio *b;
	struct blkioq *q;
	int fd; /* blocking, for WAIT_EVENTFD */
	struct request requests[DEPTH];
	struct request *idle;
	unsigned in_flight;
	uint32_t version[NR_BLOCKS]; /* what it holds; 0: zeroes */
	bool busy[NR_BLOCKS];
	uint32_t last_version;
	uint64_t random; /* state of next_random() */
};

/* xorshift64: the same numbers in every run */
static unsigned next_random(struct job *job, unsigned below)
{
	job->random ^= job->random << 13;
	job->random ^= job->random >> 7;
	job->random ^= job->random << 17;
	return (unsigned)(job->random >> 33) % below;
}

static uint64_t word_of(const struct job *job, unsigned block, size_t i)
{
	if (job->version[block] == 0)
		return 0;
	return ((uint64_t)job->version[block] << 32 | block << 16 |
		job->index << 12 | i);
}

static void fill(const struct job *job, const struct request *r)
{
	uint64_t *words = r->iov.iov_base;

	for (size_t i = 0; i < BLOCK / sizeof(*words); i++)
		words[i] = word_of(job, r->block, i);
}

static void verify(const struct job *job, const struct request *r)
{
	const uint64_t *words = r->iov.iov_base;

	for (size_t i = 0; i < BLOCK / sizeof(*words); i++)
		check_int(words[i], word_of(job, r->block, i));
}

static uint64_t offset_of(const struct job *job, unsigned block)
{
	return ((uint64_t)job->index * NR_BLOCKS + block) * BLOCK;
}

static void submit_read(struct job *job, struct request *r)
{
	uint64_t start = offset_of(job, r->block);

	/* what the last request left there must not pass for what is read */
	memset(r->iov.iov_base, 0xa5, BLOCK);
	if (job->load->vectored)
		blkioq_readv(job->q, start, &r->iov, 1, r, 0);
	else
		blkioq_read(job->q, start, r->iov.iov_base, BLOCK, r, 0);
}

static void submit_write(struct job *job, struct request *r)
{
	uint64_t start = offset_of(job, r->block);

	job->version[r->block] = ++job->last_version;
	fill(job, r);
	if (job->load->vectored)
		blkioq_writev(job->q, start, &r->iov, 1, r, 0);
	else
		blkioq_write(job->q, start, r->iov.iov_base, BLOCK, r, 0);
}

static void submit_trim(struct job *job, struct request *r)
{
	uint64_t start = offset_of(job, r->block);

	job->version[r->block] = 0;
	if (job->load->zeroes)
		blkioq_write_zeroes(job->q, start, BLOCK, r, 0);
	else
		blkioq_discard(job->q, start, BLOCK, r, 0);
}

static void submit(struct job *job, enum action action, unsigned block)
{
	struct request *r = job->idle;

	job->idle = r->next_idle;
	job->in_flight++;
	r->action = action;
	r->block = block;
	if (action != FLUSH)
		job->busy[block] = true;
	switch (action) {
	case READ:
		submit_read(job, r);
		break;
	case WRITE:
		submit_write(job, r);
		break;
	case TRIM:
		submit_trim(job, r);
		break;
	case FLUSH:
		blkioq_flush(job->q, r, 0);
		break;
	}
}

static int do_io(struct job *job, struct blkio_completion *completions, int min,
		 int max)
{
	int n = blkioq_do_io(job->q, completions, min, max, NULL);

	check_ok(n);
	return n;
}

/* fio's three ways to wait for at least min */
static int get_events(struct job *job, struct blkio_completion *completions,
		      int min, int max)
{
	uint64_t count;
	int n;

	if (job->load->wait == WAIT_BLOCK)
		return do_io(job, completions, min, max);
	n = do_io(job, completions, 0, max);
	while (n < min) {
		if (job->load->wait == WAIT_EVENTFD)
			check_int(read(job->fd, &count, sizeof(count)),
				  sizeof(count));
		n += do_io(job, completions + n, 0, max - n);
	}
	return n;
}

static void reap(struct job *job, unsigned min)
{
	struct blkio_completion completions[DEPTH];
	int n = get_events(job, completions, (int)min, (int)job->in_flight);

	for (int i = 0; i < n; i++) {
		struct request *r = completions[i].user_data;

		check_int(completions[i].ret, 0);
		if (r->action == READ)
			verify(job, r);
		if (r->action != FLUSH)
			job->busy[r->block] = false;
		r->next_idle = job->idle;
		job->idle = r;
		job->in_flight--;
	}
}

static void reap_all(struct job *job)
{
	while (job->in_flight > 0)
		reap(job, job->in_flight);
}

static void each_block(struct job *job, enum action action)
{
	for (unsigned block = 0; block < NR_BLOCKS; block++) {
		if (!job->idle)
			reap(job, DEPTH / 4);
		submit(job, action, block);
	}
	reap_all(job);
}

static void at_random(struct job *job)
{
	for (unsigned i = 0; i < NR_REQUESTS; i++) {
		unsigned block = next_random(job, NR_BLOCKS);
		unsigned dice = next_random(job, 64);
		enum action action = dice < 30 ? READ : WRITE;

		/* poll queues take no others */
		if (!job->load->poll && dice >= 60)
			action = dice < 63 ? TRIM : FLUSH;
		while (!job->idle || (job->busy[block] && action != FLUSH))
			reap(job, 1);
		submit(job, action, block);
	}
	reap_all(job);
}

static struct blkio *open_disk(const struct load *load)
{
	struct blkio *b;

	check_ok(blkio_create("io_uring", &b));
	check_ok(blkio_set_bool(b, "read-only", false));
	check_ok(blkio_set_str(b, "path", load->path));
	for (char **property = load->properties; *property; property++) {
		char *name = strdup(*property);
		char *value = strchr(name, '=');

		*value++ = '\0';
		check_ok(blkio_set_str(b, name, value));
		free(name);
	}
	check_ok(blkio_connect(b));
	return b;
}

static void start_queue(struct job *job)
{
	bool poll = job->load->poll;

	check_ok(blkio_set_int(job->b, "num-queues", poll ? 0 : 1));
	check_ok(blkio_set_int(job->b, "num-poll-queues", poll ? 1 : 0));
	check_ok(blkio_start(job->b));
	job->q = poll ? blkio_get_poll_queue(job->b, 0)
		      : blkio_get_queue(job->b, 0);
	if (job->load->wait == WAIT_EVENTFD) {
		blkioq_set_completion_fd_enabled(job->q, true);
		job->fd = blkioq_get_completion_fd(job->q);
		check_ok(fcntl(job->fd, F_SETFL,
			       fcntl(job->fd, F_GETFL) & ~O_NONBLOCK));
	}
}

/* Buffers for all requests, mapped. The address of malloc'ed ones is a multiple
 * of no more than a page, as fio's are. */
static void get_buffers(struct job *job, struct blkio_mem_region *region)
{
	if (job->load->own_buffers) {
		*region = (struct blkio_mem_region){.len = DEPTH * BLOCK,
						    .fd = -1};
		check_int(posix_memalign(&region->addr, BLOCK, region->len), 0);
	} else {
		check_ok(blkio_alloc_mem_region(job->b, region, DEPTH * BLOCK));
	}
	check_ok(blkio_map_mem_region(job->b, region));
	for (size_t i = 0; i < DEPTH; i++) {
		struct request *r = &job->requests[i];

		r->iov.iov_base = (char *)region->addr + i * BLOCK;
		r->iov.iov_len = BLOCK;
		r->next_idle = job->idle;
		job->idle = r;
	}
}

static void *run_job(void *opaque)
{
	struct job *job = opaque;
	struct blkio_mem_region region;

	job->b = open_disk(job->load);
	start_queue(job);
	get_buffers(job, &region);
	each_block(job, WRITE);
	at_random(job);
	each_block(job, READ);
	blkio_unmap_mem_region(job->b, &region);
	if (job->load->own_buffers)
		free(region.addr);
	else
		blkio_free_mem_region(job->b, &region);
	blkio_destroy(&job->b);
	return NULL;
}

static void run_threads(struct job *jobs)
{
	pthread_t threads[NR_JOBS];

	for (size_t i = 0; i < NR_JOBS; i++)
		check_int(pthread_create(&threads[i], NULL, run_job, &jobs[i]),
			  0);
	for (size_t i = 0; i < NR_JOBS; i++)
		check_int(pthread_join(threads[i], NULL), 0);
}

static void run_processes(struct job *jobs)
{
	pid_t pids[NR_JOBS];
	int status;

	for (size_t i = 0; i < NR_JOBS; i++) {
		pids[i] = fork();
		check(pids[i] >= 0);
		if (pids[i] == 0) {
			alarm(DEADLINE_S);
			run_job(&jobs[i]);
			exit(0);
		}
	}
	for (size_t i = 0; i < NR_JOBS; i++) {
		check_int(waitpid(pids[i], &status, 0), pids[i]);
		check_int(status, 0);
	}
}

static bool is(const char *argument, const char *name, const char *value)
{
	size_t len = strlen(name);

	return strncmp(argument, name, len) == 0 && argument[len] == '=' &&
	       strcmp(argument + len + 1, value) == 0;
}

static struct load parse(int argc, char **argv)
{
	struct load load = {.path = argv[1]};
	char **properties = calloc((size_t)argc, sizeof(*properties));

	load.properties = properties;
	for (int i = 2; i < argc; i++) {
		const char *argument = argv[i];

		if (is(argument, "wait", "block"))
			load.wait = WAIT_BLOCK;
		else if (is(argument, "wait", "eventfd"))
			load.wait = WAIT_EVENTFD;
		else if (is(argument, "wait", "loop"))
			load.wait = WAIT_LOOP;
		else if (is(argument, "buffers", "malloc"))
			load.own_buffers = true;
		else if (is(argument, "jobs", "thread"))
			load.threads = true;
		else if (is(argument, "vectored", "true"))
			load.vectored = true;
		else if (is(argument, "poll", "true"))
			load.poll = true;
		else if (is(argument, "zeroes", "true"))
			load.zeroes = true;
		else
			*properties++ = argv[i];
	}
	return load;
}

int main(int argc, char **argv)
{
	struct load load = parse(argc, argv);
	struct job *jobs = calloc(NR_JOBS, sizeof(*jobs));
	struct blkio *b = open_disk(&load);
	uint64_t capacity;

	alarm(DEADLINE_S);
	check_ok(blkio_get_uint64(b, "capacity", &capacity));
	blkio_destroy(&b);
	check(capacity >= (uint64_t)NR_JOBS * NR_BLOCKS * BLOCK);
	for (unsigned i = 0; i < NR_JOBS; i++)
		jobs[i] = (struct job){.load = &load,
				       .index = i,
				       .random = 0x9e3779b97f4a7c15 + i};
	if (load.threads)
		run_threads(jobs);
	else
		run_processes(jobs);
	free(jobs);
	free(load.properties);
	return 0;
}
