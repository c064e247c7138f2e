/* SPDX-License-Identifier: MIT */
/* A client that has given a channel is told when the disk changes its size,
 * and finds the new one; one that doesn't read, doesn't answer, answers with
 * garbage or hangs up there holds up nothing. */
#include <fcntl.h>

#include "tests/vhost-user/frontend.h"

#define SIZE (1u << 20)

struct resize {
	struct node *node;
	uint64_t bytes;
};

static void resize_call(void *arg)
{
	struct resize *r = arg;
	struct err err = ERR_INIT;

	check_int(node_resize(r->node, r->bytes, &err), 0);
}

static void resize(struct rig *e, uint64_t bytes)
{
	struct resize r = {e->node, bytes};

	loop_call(e->loops[0], resize_call, &r);
}

/* Give the server a channel; returns our end. */
static int open_channel(struct front *f)
{
	int fds[2];

	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	check_int(SAY_FD(f, fds[1], VHOST_USER_SET_BACKEND_REQ_FD), 0);
	close(fds[1]);
	return fds[0];
}

static void take_notice(int fd, uint64_t answer)
{
	uint8_t buf[VHOST_USER_MSG_MAX];
	struct vhost_user_header header;
	struct vhost_user_msg msg;
	struct err err = ERR_INIT;
	/* header, and 64 bits */
	uint32_t reply[] = {0, VHOST_USER_VERSION | VHOST_USER_REPLY, 8, answer,
			    0};

	read_bytes(fd, buf, VHOST_USER_HEADER_LEN);
	check_int(vhost_user_decode_header(buf, &header, &err), 0);
	check_int(vhost_user_decode_request(VHOST_USER_BACKEND, &header, NULL,
					    0, ALL_PROTOCOL_FEATURES, &msg,
					    &err),
		  0);
	check_int(msg.request, VHOST_USER_BACKEND_CONFIG_CHANGE_MSG);
	check(msg.need_reply);
	reply[0] = msg.request;
	send_bytes(fd, reply, sizeof(reply), NULL, 0);
}

static uint64_t capacity_bytes(struct front *f)
{
	struct vhost_user_msg reply, msg = {
					     .request = VHOST_USER_GET_CONFIG,
					     .config = {.size = 60},
				     };
	uint8_t payload[VHOST_USER_PAYLOAD_MAX];
	uint64_t sectors;

	check_int(ask(f->sock, &msg, NULL, 0, &reply, payload), 0);
	memcpy(&sectors, reply.config.data, sizeof(sectors));
	return 512 * sectors;
}

static void told(struct rig *e, struct front *f)
{
	int fd = open_channel(f);

	for (unsigned i = 1; i < 10; i++) {
		uint64_t bytes = SIZE << (i % 2);

		resize(e, bytes);
		take_notice(fd, i % 3 == 2); /* "I couldn't" */
		check_int(capacity_bytes(f), bytes);
		check_int(request(f, 0, VIRTIO_BLK_T_IN, bytes / 512 - 1, 512),
			  VIRTIO_BLK_S_OK);
		check_int(request(f, 0, VIRTIO_BLK_T_IN, bytes / 512, 512),
			  VIRTIO_BLK_S_IOERR);
	}
	close(fd);
}

static void not_answered(struct rig *e, struct front *f)
{
	int fd = open_channel(f);

	/* more than the socket would hold */
	for (unsigned i = 0; i < 2000; i++)
		resize(e, SIZE << (i % 2));
	check_int(request(f, 0, VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_OK);
	take_notice(fd, 0);
	take_notice(fd, 0); /* all the others */
	close(fd);
	resize(e, SIZE);
	check_int(request(f, 0, VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_OK);
}

static void garbage(struct rig *e, struct front *f)
{
	for (int after = 0; after < 2; after++) {
		char buf[64] = {0};
		int fd = open_channel(f);

		if (after) {
			resize(e, 2 * SIZE);
			read_bytes(fd, (uint8_t *)buf, VHOST_USER_HEADER_LEN);
		}
		send_bytes(fd, buf, sizeof(buf), NULL, 0);
		wait_hang_up(fd);
		close(fd);
		resize(e, SIZE);
		check_int(request(f, 0, VIRTIO_BLK_T_IN, 0, 512),
			  VIRTIO_BLK_S_OK);
	}
	check_int(SAY_FD(f, f->memfd, VHOST_USER_SET_BACKEND_REQ_FD), -EIO);
}

static void script(struct rig *e)
{
	static struct front f;

	front_open(&f, e->path, 1, ALL_FEATURES);
	told(e, &f);
	not_answered(e, &f);
	garbage(e, &f);
	close(open_channel(&f));
	resize(e, 2 * SIZE);
	front_close(&f);
}

int main(void)
{
	export_run(&(struct rig){
		.disk = "driver=ram,size=1M",
		.nr_loops = 2,
		.nr_queues = 1,
		.script = script,
	});
	return 0;
}
