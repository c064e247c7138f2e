/* SPDX-License-Identifier: MIT */
/* Writes are durable when done where the client has switched the write cache
 * off, or can't flush; not else. One that comes back with its in-flight records
 * needn't say it again. */
#include <stdatomic.h>

#include "tests/vhost-user/frontend.h"

static atomic_uint flags_seen;

/* the linker's --wrap puts this in front of the block layer's */
int __real_node_co_pwritev(struct node *node, uint64_t offset,
			   const struct iovec *iov, int iovcnt, unsigned flags);
int __wrap_node_co_pwritev(struct node *node, uint64_t offset,
			   const struct iovec *iov, int iovcnt, unsigned flags);

int __wrap_node_co_pwritev(struct node *node, uint64_t offset,
			   const struct iovec *iov, int iovcnt, unsigned flags)
{
	atomic_store(&flags_seen, flags);
	return __real_node_co_pwritev(node, offset, iov, iovcnt, flags);
}

static void set_cache(struct front *f, uint8_t on)
{
	check_int(SAY(f, VHOST_USER_SET_CONFIG,
		      .config = {.offset = 32, .size = 1, .data = &on}),
		  0);
}

static void check_write(struct front *f, unsigned flags)
{
	check_int(request(f, 0, VIRTIO_BLK_T_OUT, 0, 512), VIRTIO_BLK_S_OK);
	check_int(atomic_load(&flags_seen), flags);
}

/* As after a restart of the server, which begins anew with each client */
static void check_kept(const char *path, uint8_t cache, unsigned flags)
{
	static struct front f;
	struct vhost_user_inflight inflight;
	int fd;

	front_open(&f, path, 1, ALL_FEATURES);
	front_get_inflight(&f);
	set_cache(&f, !cache);
	set_cache(&f, cache);
	inflight = f.inflight;
	fd = dup(f.inflight_fd);
	front_close(&f);
	front_open(&f, path, 1, ALL_FEATURES);
	check_write(&f, 0);
	check_int(SAY_FD(&f, fd, VHOST_USER_SET_INFLIGHT_FD,
			 .inflight = inflight),
		  0);
	check_write(&f, flags);
	front_close(&f);
	close(fd);
}

static void script(struct rig *e)
{
	static struct front f;

	front_open(&f, e->path, 1, ALL_FEATURES);
	for (int i = 0; i < 3; i++) {
		check_write(&f, 0);
		set_cache(&f, 0);
		check_write(&f, NODE_REQ_FUA);
		set_cache(&f, 1);
	}
	set_cache(&f, 0);
	front_close(&f);
	/* on again for the next client, which may be unable to switch it */
	front_open(&f, e->path, 1, ALL_FEATURES & ~VIRTIO_BLK_F_CONFIG_WCE);
	check_write(&f, 0);
	check_int(SAY(&f, VHOST_USER_SET_CONFIG,
		      .config = {.offset = 32, .size = 1}),
		  -EIO);
	front_close(&f);
	front_open(&f, e->path, 1,
		   ALL_FEATURES &
			   ~(VIRTIO_BLK_F_CONFIG_WCE | VIRTIO_BLK_F_FLUSH));
	check_write(&f, NODE_REQ_FUA);
	front_close(&f);
	check_kept(e->path, 0, NODE_REQ_FUA);
	check_kept(e->path, 1, 0);
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
