/* SPDX-License-Identifier: MIT */
/*
 * sluice serve is killed under load on several queues, and started again, time
 * and again: each server goes on with the records of the one before, every
 * request succeeds, once, and nothing written is lost.
 */
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/virtio-blk-vhost-user/load.h"

#define ROUNDS 5
#define REQUESTS 500 /* that make it certain that there is a load */
#define LOAD_BYTES ((uint64_t)LOAD_DEPTH * LOAD_BLOCK)

struct server {
	char dir[PATH_MAX];
	char file[PATH_MAX + 16], path[PATH_MAX + 16];
	pid_t pid;
};

/* In the child. */
static void run(const struct server *s, int out)
{
	char program[PATH_MAX];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out, STDOUT_FILENO);
	snprintf(program, sizeof(program), "%s/cli/sluice",
		 getenv("SLUICE_BUILD"));
	execl(program, "sluice", "serve", "--vhost-user", s->path,
	      "--num-queues", "2", "--threads", "2", s->file, NULL);
	_exit(127);
}

/* It serves when it says so. */
static void start(struct server *s)
{
	int out[2];
	char c;

	check_int(pipe2(out, O_CLOEXEC), 0);
	s->pid = fork();
	check(s->pid >= 0);
	if (s->pid == 0)
		run(s, out[1]);
	close(out[1]);
	check(test_readable(out[0], TEST_TIMEOUT_S * 1000));
	check_int(read(out[0], &c, 1), 1);
	close(out[0]);
}

static void make_disk(struct server *s)
{
	const char *base = getenv("SLUICE_BUILD");
	int fd;

	check(base);
	snprintf(s->dir, sizeof(s->dir), "%s/own-XXXXXX", base);
	check(mkdtemp(s->dir));
	snprintf(s->file, sizeof(s->file), "%s/disk", s->dir);
	snprintf(s->path, sizeof(s->path), "%s/socket", s->dir);
	fd = open(s->file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	check(fd >= 0);
	check_int(ftruncate(fd, 2 * LOAD_BYTES), 0);
	close(fd);
}

static void stop(struct server *s)
{
	check_int(kill(s->pid, SIGKILL), 0);
	check_int(waitpid(s->pid, NULL, 0), s->pid);
}

/* Which file the records are in, as the server has it mapped. */
static unsigned long records_of(const struct server *s)
{
	char path[64], line[PATH_MAX];
	unsigned long inode = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", s->pid);
	maps = fopen(path, "re");
	check(maps);
	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "memfd:vhost-user-inflight"))
			check_int(sscanf(line, "%*s %*s %*s %*s %lu", &inode),
				  1);
	fclose(maps);
	return inode;
}

static struct blkio *connect_to(const struct server *s,
				struct blkio_mem_region *r)
{
	struct blkio *b =
		test_create("virtio-blk-vhost-user", "reconnect-ms=1");

	check_ok(blkio_set_str(b, "path", s->path));
	check_ok(blkio_connect(b));
	check_ok(blkio_set_int(b, "num-queues", 1));
	check_ok(blkio_set_int(b, "num-poll-queues", 1));
	check_ok(blkio_start(b));
	check_ok(blkio_alloc_mem_region(b, r, 2 * LOAD_BYTES));
	check_ok(blkio_map_mem_region(b, r));
	return b;
}

int main(void)
{
	struct load event, poll;
	struct blkio_mem_region r;
	unsigned long records;
	struct server s;
	struct blkio *b;

	make_disk(&s);
	start(&s);
	b = connect_to(&s, &r);
	records = records_of(&s);
	check(records > 0);
	load_begin(&event, blkio_get_queue(b, 0), r.addr, 0, LOAD_FD);
	load_begin(&poll, blkio_get_poll_queue(b, 0),
		   (char *)r.addr + LOAD_BYTES, LOAD_BYTES, LOAD_POLLED);
	for (int i = 0; i < ROUNDS; i++) {
		load_await(&event, REQUESTS);
		load_await(&poll, REQUESTS);
		check_int(records_of(&s), records);
		stop(&s);
		start(&s);
	}
	load_await(&event, REQUESTS);
	load_await(&poll, REQUESTS);
	load_end(&event);
	load_end(&poll);
	check_int(records_of(&s), records);
	blkio_destroy(&b);
	stop(&s);
	unlink(s.path);
	unlink(s.file);
	rmdir(s.dir);
	return 0;
}
