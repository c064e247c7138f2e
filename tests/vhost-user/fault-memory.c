/* SPDX-License-Identifier: MIT */
/* Whichever allocation of the server fails: it refuses a message, fails a
 * request or drops the client, and serves on. */
#include <stdatomic.h>

#include "tests/vhost-user/frontend.h"

/* Allocations until the one that fails; negative: none does. */
static atomic_int countdown = -1;
static atomic_bool failed;
static _Thread_local bool is_client;

static bool fails(void)
{
	bool now;

	if (is_client || atomic_load(&countdown) < 0)
		return false;
	now = atomic_fetch_sub(&countdown, 1) == 0;
	if (now)
		atomic_store(&failed, true);
	return now;
}

/* the linker's --wrap puts these in front of the allocator's */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset);
int __real_posix_memalign(void **p, size_t align, size_t size);
int __real_memfd_create(const char *name, unsigned flags);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset);
int __wrap_posix_memalign(void **p, size_t align, size_t size);
int __wrap_memfd_create(const char *name, unsigned flags);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

int __wrap_posix_memalign(void **p, size_t align, size_t size)
{
	return fails() ? ENOMEM : __real_posix_memalign(p, align, size);
}

void *__wrap_mmap64(void *addr, size_t len, int prot, int flags, int fd,
		    off_t offset)
{
	if (!fails())
		return __real_mmap64(addr, len, prot, flags, fd, offset);
	errno = ENOMEM;
	return MAP_FAILED;
}

int __wrap_memfd_create(const char *name, unsigned flags)
{
	if (!fails())
		return __real_memfd_create(name, flags);
	errno = ENOMEM;
	return -1;
}

/* ---- a client that is ready to be refused or dropped ---- */

static bool read_some(int sock, uint8_t *buf, size_t len)
{
	while (len > 0) {
		ssize_t n;

		wait_readable(sock);
		n = read(sock, buf, len);
		if (n <= 0)
			return false;
		buf += n;
		len -= n;
	}
	return true;
}

/* Is it done? Descriptors of a reply are dropped. */
static bool try(int sock, int fd, struct vhost_user_msg msg)
{
	uint8_t buf[VHOST_USER_MSG_MAX], payload[VHOST_USER_PAYLOAD_MAX];
	size_t len;
	struct vhost_user_header header;
	struct vhost_user_msg reply;
	struct err err = ERR_INIT;
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec iov = {.iov_base = buf};
	struct msghdr hdr = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *c = (struct cmsghdr *)control;

	msg.need_reply = msg.request != VHOST_USER_SET_PROTOCOL_FEATURES &&
			 msg.request != VHOST_USER_SET_FEATURES;
	len = vhost_user_encode_request(buf, &msg);
	iov.iov_len = len;
	if (fd >= 0) {
		hdr.msg_control = control;
		hdr.msg_controllen = sizeof(control);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	if (sendmsg(sock, &hdr, MSG_NOSIGNAL) != (ssize_t)len)
		return false;
	if (!vhost_user_has_reply(&msg))
		return true;
	return read_some(sock, buf, VHOST_USER_HEADER_LEN) &&
	       vhost_user_decode_header(buf, &header, &err) == 0 &&
	       read_some(sock, payload, header.size) &&
	       vhost_user_decode_reply(&msg, &header, payload,
				       msg.request ==
					       VHOST_USER_GET_INFLIGHT_FD,
				       &reply, &err) == 0;
}

#define TRY(fd, number, ...) \
	try(f->sock, fd,     \
	    (struct vhost_user_msg){.request = (number), __VA_ARGS__})

static bool try_handshake(struct front *f, int log, int channel)
{
	return TRY(-1, VHOST_USER_SET_FEATURES, .u64 = f->features) &&
	       TRY(-1, VHOST_USER_SET_PROTOCOL_FEATURES,
		   .u64 = ALL_PROTOCOL_FEATURES) &&
	       TRY(channel, VHOST_USER_SET_BACKEND_REQ_FD) &&
	       TRY(-1, VHOST_USER_GET_INFLIGHT_FD,
		   .inflight = {.nr_queues = 1, .queue_size = RING}) &&
	       TRY(log, VHOST_USER_SET_LOG_BASE, .log = {.size = 4096}) &&
	       TRY(f->memfd, VHOST_USER_ADD_MEM_REG,
		   .region = front_region(f)) &&
	       TRY(-1, VHOST_USER_SET_VRING_NUM, .state = {0, RING}) &&
	       TRY(-1, VHOST_USER_SET_VRING_BASE, .state = {0, 0}) &&
	       TRY(-1, VHOST_USER_SET_VRING_ADDR,
		   .addr = {.desc = USER + f->layout.desc,
			    .avail = USER + f->layout.driver,
			    .used = USER + f->layout.device}) &&
	       TRY(f->call[0], VHOST_USER_SET_VRING_CALL,
		   .vring_fd = {0, true}) &&
	       TRY(f->kick[0], VHOST_USER_SET_VRING_KICK,
		   .vring_fd = {0, true}) &&
	       TRY(-1, VHOST_USER_SET_VRING_ENABLE, .state = {0, 1});
}

/* How many of a dialogue's parts have succeeded? */
static unsigned play(const char *path)
{
	static struct front front;
	struct front *f = &front;
	int log = memfd_create("log", MFD_CLOEXEC), socks[2];
	unsigned nr = 0;

	*f = (struct front){.nr_queues = 1, .features = ALL_FEATURES};
	f->sock = front_socket(path);
	front_make_memory(f);
	front_make_ring(f, 0);
	check_int(ftruncate(log, 4096), 0);
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socks), 0);
	if (try_handshake(f, log, socks[0])) {
		nr++;
		/* each gets a status, whatever it is */
		nr += request(f, 0, VIRTIO_BLK_T_OUT, 1, 512) ==
		      VIRTIO_BLK_S_OK;
		nr += request(f, 0, VIRTIO_BLK_T_IN, 1, SLOT_BYTES) ==
		      VIRTIO_BLK_S_OK;
		nr += request(f, 0, VIRTIO_BLK_T_FLUSH, 0, 0) ==
		      VIRTIO_BLK_S_OK;
	}
	close(log);
	close(socks[0]);
	close(socks[1]);
	front_close(f);
	return nr;
}

/* With nothing kept from the round before, until one goes without a failure */
static void script(struct rig *e)
{
	int n = 0;

	is_client = true;
	do {
		unsigned got;

		atomic_store(&failed, false);
		atomic_store(&countdown, n++);
		got = play(e->path);
		atomic_store(&countdown, -1);
		check(got <= 4 && (atomic_load(&failed) || got == 4));
		check_int(play(e->path), 4);
	} while (atomic_load(&failed));
	/* client, in-flight records and their file, log, region, its table,
	 * resubmit, jobs */
	check(n > 8);
}

static void fail_create(const struct vub_config *config)
{
	int n = 0;

	do {
		struct vub_server *server;
		struct err err = ERR_INIT;
		int ret;

		atomic_store(&failed, false);
		atomic_store(&countdown, n++);
		ret = vub_server_create(config, &server, &err);
		atomic_store(&countdown, -1);
		check_int(ret, atomic_load(&failed) ? -ENOMEM : 0);
		if (ret == 0)
			vub_server_free(server);
	} while (atomic_load(&failed));
	check(n > 2); /* server, queues */
}

int main(void)
{
	export_run(&(struct rig){
		.disk = "driver=ram,size=1M,request-alignment=4096",
		.nr_loops = 2,
		.nr_queues = 1,
		.before = fail_create,
		.script = script,
	});
	return 0;
}
