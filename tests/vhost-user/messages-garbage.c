/* SPDX-License-Identifier: MIT */
/* Wrong messages at each step end their connection, or are refused, and the
 * next client is served: random bytes, unknown messages, hang-ups within a
 * message, values out of range, descriptors that are none. */
#include "frontend.h"

static uint32_t seed = 1;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static void random_bytes(struct rig *e)
{
	for (int i = 0; i < 50; i++) {
		int sock = front_socket(e->path);
		uint8_t buf[64];

		for (size_t j = 0; j < sizeof(buf); j++)
			buf[j] = draw(256);
		send_bytes(sock, buf, sizeof(buf), NULL, 0);
		shutdown(sock, SHUT_WR);
		wait_hang_up(sock);
		close(sock);
	}
}

/* Headers that are in order, and anything behind them. */
static void random_messages(struct rig *e)
{
	for (uint32_t number = 0; number < 48; number++) {
		for (uint32_t size = 0; size <= 40; size += 4) {
			uint32_t head[] = {number, 1 | draw(2) << 3, size};
			int sock = front_socket(e->path);
			int fds[] = {eventfd(0, 0), eventfd(0, 0)};
			uint8_t buf[64];

			memcpy(buf, head, sizeof(head));
			for (size_t j = sizeof(head); j < sizeof(buf); j++)
				buf[j] = draw(4) ? 0 : draw(256);
			send_bytes(sock, buf, sizeof(head) + size, fds,
				   draw(3));
			shutdown(sock, SHUT_WR);
			wait_hang_up(sock);
			close(sock);
			close(fds[0]);
			close(fds[1]);
		}
	}
}

/* A whole handshake, cut after so many bytes of its last message. */
static void hang_ups(struct rig *e)
{
	struct vhost_user_msg msg = {.request = VHOST_USER_SET_VRING_NUM,
				     .state = {0, RING}};
	uint8_t buf[VHOST_USER_MSG_MAX];
	size_t len = vhost_user_encode_request(buf, &msg);

	for (size_t n = 0; n < len; n++) {
		static struct front f;

		front_greet(&f, e->path, ALL_FEATURES);
		if (n > 0)
			send_bytes(f.sock, buf, n, NULL, 0);
		close(f.sock);
	}
}

static void refusals(struct rig *e)
{
	static struct front f;
	struct vhost_user_region region;
	int fds[2];

	front_open(&f, e->path, 1, ALL_FEATURES);
	check_int(SAY(&f, VHOST_USER_SET_VRING_NUM, .state = {1, RING}), -EIO);
	check_int(SAY(&f, VHOST_USER_SET_VRING_NUM, .state = {0, 3}), -EIO);
	check_int(SAY(&f, VHOST_USER_SET_VRING_NUM, .state = {0, 32768}), -EIO);
	check_int(SAY(&f, VHOST_USER_SET_VRING_ADDR,
		      .addr = {.index = 0, .desc = 1}),
		  -EIO);
	check_int(SAY(&f, VHOST_USER_SET_CONFIG,
		      .config = {.offset = 0, .size = 1}),
		  -EIO);
	region = front_region(&f);
	check_int(SAY_FD(&f, f.memfd, VHOST_USER_ADD_MEM_REG, .region = region),
		  -EIO);
	region.guest_addr += 1u << 30;
	region.size *= 2; /* more than the file has */
	check_int(SAY_FD(&f, f.memfd, VHOST_USER_ADD_MEM_REG, .region = region),
		  -EIO);
	region.size /= 4;
	check_int(pipe(fds), 0);
	check_int(SAY_FD(&f, fds[0], VHOST_USER_ADD_MEM_REG, .region = region),
		  -EIO);
	/* what was refused has changed nothing */
	check_int(request(&f, 0, VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_OK);
	/* a kick descriptor whose other end is closed */
	close(fds[1]);
	check_int(SAY_FD(&f, fds[0], VHOST_USER_SET_VRING_KICK,
			 .vring_fd = {0, true}),
		  0);
	wait_readable(f.error[0]);
	close(fds[0]);
	front_close(&f);
}

static void script(struct rig *e)
{
	static struct front f;

	random_bytes(e);
	random_messages(e);
	hang_ups(e);
	refusals(e);
	front_open(&f, e->path, 1, ALL_FEATURES);
	check_int(request(&f, 0, VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_OK);
	front_close(&f);
}

int main(void)
{
	export_run(&(struct rig){
		.disk = "driver=ram,size=1M",
		.nr_loops = 1,
		.nr_queues = 1,
		.script = script,
	});
	return 0;
}
