/* SPDX-License-Identifier: MIT */
/* A client that hangs up after any number of bytes of its whole dialogue, in
 * which all messages occur: the next one is served, and no descriptor is
 * left over. */
#include "tests/vhost-user/frontend.h"

#define MESSAGES_MAX 64

struct sent {
	uint8_t buf[VHOST_USER_MSG_MAX];
	size_t len;
	int fd; /* -1: none */
};

static struct sent dialogue[MESSAGES_MAX];
static int nr_sent;

static void put(int fd, struct vhost_user_msg msg)
{
	struct sent *s = &dialogue[nr_sent++];

	check(nr_sent <= MESSAGES_MAX);
	s->len = vhost_user_encode_request(s->buf, &msg);
	s->fd = fd;
}

#define PUT(fd, number, ...) \
	put(fd, (struct vhost_user_msg){.request = (number), __VA_ARGS__})

static void put_ring(struct front *f)
{
	PUT(-1, VHOST_USER_SET_VRING_NUM, .state = {0, RING});
	PUT(-1, VHOST_USER_SET_VRING_BASE, .state = {0, 0});
	PUT(-1, VHOST_USER_SET_VRING_ADDR,
	    .addr = {.desc = USER + f->layout.desc,
		     .avail = USER + f->layout.driver,
		     .used = USER + f->layout.device});
	PUT(f->error[0], VHOST_USER_SET_VRING_ERR, .vring_fd = {0, true});
	PUT(f->call[0], VHOST_USER_SET_VRING_CALL, .vring_fd = {0, true});
	PUT(f->kick[0], VHOST_USER_SET_VRING_KICK, .vring_fd = {0, true});
	PUT(-1, VHOST_USER_SET_VRING_ENABLE, .state = {0, 1});
}

static void write_dialogue(struct front *f)
{
	int log = memfd_create("log", MFD_CLOEXEC), socks[2];

	check_int(ftruncate(log, 65536), 0);
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socks), 0);
	PUT(-1, VHOST_USER_SET_OWNER);
	PUT(-1, VHOST_USER_GET_FEATURES);
	PUT(-1, VHOST_USER_SET_FEATURES, .u64 = ALL_FEATURES);
	PUT(-1, VHOST_USER_GET_PROTOCOL_FEATURES);
	PUT(-1, VHOST_USER_SET_PROTOCOL_FEATURES, .u64 = ALL_PROTOCOL_FEATURES);
	PUT(-1, VHOST_USER_GET_QUEUE_NUM);
	PUT(-1, VHOST_USER_GET_MAX_MEM_SLOTS);
	PUT(socks[0], VHOST_USER_SET_BACKEND_REQ_FD);
	PUT(-1, VHOST_USER_GET_CONFIG, .config = {.size = 60});
	PUT(-1, VHOST_USER_SET_CONFIG, .config = {.offset = 32, .size = 1});
	PUT(-1, VHOST_USER_GET_INFLIGHT_FD,
	    .inflight = {.nr_queues = 1, .queue_size = RING});
	PUT(log, VHOST_USER_SET_INFLIGHT_FD,
	    .inflight = {
		    .mmap_size = 65536, .nr_queues = 1, .queue_size = RING});
	PUT(log, VHOST_USER_SET_LOG_BASE, .log = {.size = 4096});
	PUT(f->error[0], VHOST_USER_SET_LOG_FD);
	PUT(f->memfd, VHOST_USER_ADD_MEM_REG, .region = front_region(f));
	put_ring(f);
	PUT(-1, VHOST_USER_GET_VRING_BASE, .state = {0, 0});
	PUT(-1, VHOST_USER_REM_MEM_REG, .region = front_region(f));
	PUT(f->memfd, VHOST_USER_SET_MEM_TABLE,
	    .table = {.nr = 1, .regions = {front_region(f)}});
	put_ring(f);
	PUT(-1, VHOST_USER_RESET_DEVICE);
}

static void drain(int sock)
{
	uint8_t buf[4096];

	while (recv(sock, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
}

/* All of the first nr messages, and so many bytes of the next. */
static void hang_up(const char *path, int nr, size_t part)
{
	int sock = front_socket(path);

	for (int i = 0; i <= nr; i++) {
		const struct sent *s = &dialogue[i];
		size_t len = i < nr ? s->len : part;

		if (len > 0)
			send_bytes(sock, s->buf, len, &s->fd, s->fd >= 0);
		drain(sock); /* it closes no unread data, which would be told */
	}
	close(sock);
}

static void script(struct rig *e)
{
	static struct front f = {.nr_queues = 1, .features = ALL_FEATURES};
	static struct front next;
	unsigned nr;

	front_make_memory(&f);
	front_make_ring(&f, 0);
	write_dialogue(&f);
	nr = nr_open_fds();
	for (int i = 0; i < nr_sent; i++) {
		for (size_t part = 0; part < dialogue[i].len;
		     part += 1 + part / 16)
			hang_up(e->path, i, part);
		hang_up(e->path, i, dialogue[i].len);
		front_open(&next, e->path, 1, ALL_FEATURES);
		check_int(request(&next, 0, VIRTIO_BLK_T_IN, 0, 512),
			  VIRTIO_BLK_S_OK);
		front_close(&next);
	}
	wait_open_fds(nr);
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
