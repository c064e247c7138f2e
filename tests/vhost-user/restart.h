/* SPDX-License-Identifier: MIT */
/*
 * A server in a process of its own, to be killed, and a front-end that goes
 * on with the next one.
 */
#ifndef TESTS_VHOST_USER_RESTART_H
#define TESTS_VHOST_USER_RESTART_H

#include <sys/prctl.h>
#include <sys/wait.h>

#include "proto/virtqueue_records.h"
#include "tests/vhost-user/frontend.h"
#include "util/clock.h"

static inline void restart_pause(struct rig *e)
{
	for (;;)
		pause();
}

static inline void wait_server(const char *path)
{
	int64_t end_ns = clock_now_ns() + DEADLINE_MS * NS_PER_MS;
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int ret;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	do {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		poll(NULL, 0, 1);
		ret = connect(fd, (struct sockaddr *)&addr, sizeof(addr));
		close(fd);
	} while (ret < 0 && clock_now_ns() < end_ns);
	check_int(ret, 0);
}

/* A server of two loops for this disk; path gets its socket's. */
static inline pid_t server_spawn(const char *disk, char path[64])
{
	pid_t pid = fork();

	check(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		export_run(&(struct rig){
			.disk = disk,
			.nr_loops = 2,
			.nr_queues = MAX_QUEUES,
			.script = restart_pause,
		});
		_exit(0);
	}
	snprintf(path, 64, "/tmp/vub-test.%d", pid);
	wait_server(path);
	return pid;
}

static inline void server_kill(pid_t pid, const char *path)
{
	check_int(kill(pid, SIGKILL), 0);
	check_int(waitpid(pid, NULL, 0), pid);
	unlink(path);
}

/* Greet, and tell of memory, records and rings that are there. */
static inline void front_go_on(struct front *f, const char *path)
{
	front_greet(f, path, f->features);
	check_int(SAY_FD(f, f->memfd, VHOST_USER_ADD_MEM_REG,
			 .region = front_region(f)),
		  0);
	check_int(SAY_FD(f, f->inflight_fd, VHOST_USER_SET_INFLIGHT_FD,
			 .inflight = f->inflight),
		  0);
	for (unsigned i = 0; i < f->nr_queues; i++)
		front_tell_queue(f, i);
}

/* The first time: with new records. */
static inline void front_begin(struct front *f, const char *path,
			       unsigned nr_queues, uint64_t features)
{
	f->nr_queues = nr_queues;
	front_greet(f, path, features);
	front_make_memory(f);
	for (unsigned i = 0; i < nr_queues; i++)
		front_make_ring(f, i);
	front_get_inflight(f);
	close(f->sock);
	front_go_on(f, path);
}

/* How many requests do the records of a queue mark? */
static inline unsigned nr_marked(const struct front *f, const char *records,
				 unsigned q)
{
	bool packed = f->features & VIRTIO_F_RING_PACKED;
	const char *at = records + q * vq_inflight_bytes(RING, packed);
	unsigned nr = 0;

	for (unsigned i = 0; i < RING; i++)
		nr += __atomic_load_n(packed ? &((struct vq_packed_records *)at)
							->desc[i]
							.inflight
					     : &((struct vq_split_records *)at)
							->desc[i]
							.inflight,
				      __ATOMIC_ACQUIRE);
	return nr;
}

static inline void wait_marked(const struct front *f, const char *records,
			       unsigned q, unsigned nr)
{
	int64_t end_ns = clock_now_ns() + DEADLINE_MS * NS_PER_MS;

	while (nr_marked(f, records, q) != nr && clock_now_ns() < end_ns)
		poll(NULL, 0, 1);
	check_int(nr_marked(f, records, q), nr);
}

#endif
