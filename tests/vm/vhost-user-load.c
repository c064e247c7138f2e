/* SPDX-License-Identifier: MIT */
/*
 * Requests of all kinds on a part of a disk, and what was written is there:
 *
 *   vhost-user-load DISK OFFSET_MIB MIB SECONDS
 *
 * or, earlier, until SIGTERM. Each thread has blocks of its own and keeps in
 * mind what they hold: so a request that was lost, done twice or done late
 * shows in the next read, or in that of everything at the end. Requests go
 * past the page cache.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "tests/check.h"

#define NR_THREADS 8
#define BLOCK 4096
#define BLOCKS_MAX 16 /* of a request */
#define MIB (1 << 20)
#define UNKNOWN UINT32_MAX /* discarded: may hold anything */

static volatile sig_atomic_t ending;

static void end(int signo)
{
	ending = 1;
}

struct part {
	pthread_t thread;
	int fd;
	uint64_t first; /* block */
	uint32_t nr;	/* blocks */
	time_t end;
	uint32_t *written; /* which write each holds; 0: it is zeroes */
	uint64_t random;
	unsigned nr_requests;
	void *buf;
};

static uint32_t next_random(struct part *p, uint32_t below)
{
	p->random ^= p->random << 13;
	p->random ^= p->random >> 7;
	p->random ^= p->random << 17;
	return (p->random >> 32) % below;
}

static uint64_t word_of(const struct part *p, uint32_t block, unsigned i)
{
	if (p->written[block] == 0)
		return 0;
	return (p->first + block) << 40 ^ (uint64_t)p->written[block] << 9 ^ i;
}

static void fill(const struct part *p, uint32_t block, uint64_t *to)
{
	for (unsigned i = 0; i < BLOCK / sizeof(*to); i++)
		to[i] = word_of(p, block, i);
}

static void compare(const struct part *p, uint32_t block, const uint64_t *got)
{
	for (unsigned i = 0; i < BLOCK / sizeof(*got); i++) {
		if (p->written[block] == UNKNOWN ||
		    got[i] == word_of(p, block, i))
			continue;
		printf("block %ju, word %u: 0x%jx, wanted 0x%jx\n",
		       (uintmax_t)p->first + block, i, (uintmax_t)got[i],
		       (uintmax_t)word_of(p, block, i));
		exit(1);
	}
}

/* The ith block in buf */
static uint64_t *block_of(const struct part *p, uint32_t i)
{
	return (uint64_t *)((char *)p->buf + i * BLOCK);
}

static void read_some(struct part *p, uint32_t block, uint32_t nr)
{
	check_int(pread(p->fd, p->buf, nr * BLOCK, (p->first + block) * BLOCK),
		  nr * BLOCK);
	for (uint32_t i = 0; i < nr; i++)
		compare(p, block + i, block_of(p, i));
}

static void write_some(struct part *p, uint32_t block, uint32_t nr)
{
	for (uint32_t i = 0; i < nr; i++) {
		p->written[block + i] = p->nr_requests;
		fill(p, block + i, block_of(p, i));
	}
	check_int(pwrite(p->fd, p->buf, nr * BLOCK, (p->first + block) * BLOCK),
		  nr * BLOCK);
}

static void clear_some(struct part *p, uint32_t block, uint32_t nr,
		       unsigned long how)
{
	uint64_t range[] = {(p->first + block) * BLOCK, (uint64_t)nr * BLOCK};

	check_int(ioctl(p->fd, how, range), 0);
	for (uint32_t i = 0; i < nr; i++)
		p->written[block + i] = how == BLKDISCARD ? UNKNOWN : 0;
}

static void request(struct part *p)
{
	uint32_t nr = 1 + next_random(p, BLOCKS_MAX);
	uint32_t block = next_random(p, p->nr - nr + 1);
	uint32_t kind = next_random(p, 16);

	p->nr_requests++;
	if (kind < 7)
		write_some(p, block, nr);
	else if (kind < 13)
		read_some(p, block, nr);
	else if (kind == 13)
		clear_some(p, block, nr, BLKZEROOUT);
	else if (kind == 14)
		clear_some(p, block, nr, BLKDISCARD);
	else
		check_int(fdatasync(p->fd), 0);
}

static void *run(void *arg)
{
	struct part *p = arg;

	clear_some(p, 0, p->nr, BLKZEROOUT);
	while (!ending && time(NULL) < p->end)
		request(p);
	for (uint32_t at = 0; at < p->nr; at += BLOCKS_MAX)
		read_some(p, at, BLOCKS_MAX);
	return NULL;
}

int main(int argc, char **argv)
{
	struct part parts[NR_THREADS];
	unsigned nr_requests = 0;

	check_int(argc, 5);
	signal(SIGTERM, end);
	for (int i = 0; i < NR_THREADS; i++) {
		struct part *p = &parts[i];
		uint32_t nr = atoi(argv[3]) * (MIB / BLOCK) / NR_THREADS;

		*p = (struct part){
			.fd = open(argv[1], O_RDWR | O_DIRECT),
			.first = (uint64_t)atoi(argv[2]) * (MIB / BLOCK) +
				 i * nr,
			.nr = nr,
			.end = time(NULL) + atoi(argv[4]),
			.written = calloc(nr, sizeof(*p->written)),
			.random = 0x9e3779b97f4a7c15 * (i + 1),
		};
		check(p->fd >= 0 && p->written && nr >= BLOCKS_MAX);
		check_int(posix_memalign(&p->buf, BLOCK, BLOCKS_MAX * BLOCK),
			  0);
		check_int(pthread_create(&p->thread, NULL, run, p), 0);
	}
	for (int i = 0; i < NR_THREADS; i++) {
		check_int(pthread_join(parts[i].thread, NULL), 0);
		nr_requests += parts[i].nr_requests;
		close(parts[i].fd);
		free(parts[i].written);
		free(parts[i].buf);
	}
	printf("%u requests\n", nr_requests);
	return 0;
}
