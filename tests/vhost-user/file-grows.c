/* SPDX-License-Identifier: MIT */
/* A file that grows behind our back: the configuration shows it at once, the
 * client is told before long, and what is new can be read; a file that
 * shrinks keeps its size. */
#include <fcntl.h>

#include "tests/vhost-user/frontend.h"

#define SIZE (1u << 20)

static char file[] = "/tmp/vub-disk.XXXXXX";

static uint64_t capacity_bytes(struct front *f)
{
	struct vhost_user_msg reply, msg = {
					     .request = VHOST_USER_GET_CONFIG,
					     .config = {.size = 8},
				     };
	uint8_t payload[VHOST_USER_PAYLOAD_MAX];
	uint64_t sectors;

	check_int(ask(f->sock, &msg, NULL, 0, &reply, payload), 0);
	memcpy(&sectors, reply.config.data, sizeof(sectors));
	return 512 * sectors;
}

static void script(struct rig *e)
{
	static struct front f;
	uint8_t notice[VHOST_USER_HEADER_LEN];
	int fds[2];

	front_open(&f, e->path, 1, ALL_FEATURES);
	check_int(truncate(file, 2 * SIZE), 0);
	check_int(capacity_bytes(&f), 2 * SIZE);
	check_int(request(&f, 0, VIRTIO_BLK_T_IN, 2 * SIZE / 512 - 1, 512),
		  VIRTIO_BLK_S_OK);

	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	check_int(SAY_FD(&f, fds[1], VHOST_USER_SET_BACKEND_REQ_FD), 0);
	check_int(truncate(file, 3 * SIZE + 100), 0);
	read_bytes(fds[0], notice, sizeof(notice));
	check_int(request(&f, 0, VIRTIO_BLK_T_IN, 3 * SIZE / 512 - 1, 512),
		  VIRTIO_BLK_S_OK);
	check_int(truncate(file, SIZE), 0);
	check_int(capacity_bytes(&f), 3 * SIZE);
	check_int(request(&f, 0, VIRTIO_BLK_T_IN, 3 * SIZE / 512 - 1, 512),
		  VIRTIO_BLK_S_OK);
	close(fds[0]);
	close(fds[1]);
	front_close(&f);
}

int main(void)
{
	char disk[64];
	int fd = mkstemp(file);

	check(fd >= 0);
	check_int(ftruncate(fd, SIZE), 0);
	snprintf(disk, sizeof(disk), "driver=io_uring,path=%s", file);
	export_run(&(struct rig){
		.disk = disk,
		.nr_loops = 1,
		.nr_queues = 1,
		.script = script,
	});
	unlink(file);
	close(fd);
	return 0;
}
