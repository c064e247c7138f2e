/* SPDX-License-Identifier: MIT */
/* In-flight records and dirty logs that are too small, misplaced, no file,
 * full of random bytes, changed or cut short while they are in use: refused,
 * or the queue or the client fails, and the next one is served. */
#include "tests/vhost-user/frontend.h"

#define FILE_BYTES (256u << 10)

static uint32_t seed = 5;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static int set_inflight(struct front *f, int fd, uint64_t offset,
			uint64_t bytes, unsigned nr_queues)
{
	return SAY_FD(f, fd, VHOST_USER_SET_INFLIGHT_FD,
		      .inflight = {.mmap_size = bytes,
				   .mmap_offset = offset,
				   .nr_queues = nr_queues,
				   .queue_size = RING});
}

static int set_log(struct front *f, int fd, uint64_t offset, uint64_t bytes)
{
	return SAY_FD(f, fd, VHOST_USER_SET_LOG_BASE,
		      .log = {.size = bytes, .offset = offset});
}

/* SET_LOG_BASE has no way to refuse but to hang up. */
static void check_dropped(struct rig *e, int fd, uint64_t offset,
			  uint64_t bytes)
{
	struct vhost_user_msg msg = {
		.request = VHOST_USER_SET_LOG_BASE,
		.log = {.size = bytes, .offset = offset},
	};
	static struct front f;
	uint8_t buf[VHOST_USER_MSG_MAX];

	front_open(&f, e->path, 1, ALL_FEATURES);
	send_bytes(f.sock, buf, vhost_user_encode_request(buf, &msg), &fd, 1);
	wait_hang_up(f.sock);
	front_close(&f);
}

static void wrong_sizes(struct rig *e, int fd)
{
	static struct front f;
	int fds[2];

	check_int(pipe(fds), 0);
	front_open(&f, e->path, 1, ALL_FEATURES);
	check_int(set_inflight(&f, fd, 0, 64, 1), -EIO);
	check_int(set_inflight(&f, fd, 4, 8192, 1), -EIO);
	check_int(set_inflight(&f, fd, 0, 8192, 1000), -EIO);
	check_int(set_inflight(&f, fd, 0, FILE_BYTES + 1, 1), -EIO);
	check_int(set_inflight(&f, fd, FILE_BYTES - 64, 8192, 1), -EIO);
	check_int(set_inflight(&f, fds[0], 0, 8192, 1), -EIO);
	check_int(request(&f, 0, VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_OK);
	check_int(set_inflight(&f, fd, 64, 8192, 1), 0);
	check_int(request(&f, 0, VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_OK);
	front_close(&f);
	check_dropped(e, fd, 0, 0);
	check_dropped(e, fd, 0, FILE_BYTES + 1);
	check_dropped(e, fd, FILE_BYTES, 1);
	check_dropped(e, fds[0], 0, 1);
	close(fds[0]);
	close(fds[1]);
}

static void scribble(uint8_t *records, size_t bytes)
{
	for (unsigned i = 0; i < 200; i++)
		records[draw(bytes)] = draw(3) ? draw(RING) : draw(256);
}

/* Records of which a part is what they would be: the version, the size */
static void random_records(struct rig *e, int fd, uint8_t *records)
{
	for (unsigned i = 0; i < 300; i++) {
		static struct front f;
		uint16_t head[] = {1, RING};

		memset(records, 0, FILE_BYTES);
		scribble(records, 4096);
		memcpy(records + 8, head, sizeof(head));
		front_open(&f, e->path, 1,
			   ALL_FEATURES | (i % 2 ? VIRTIO_F_RING_PACKED : 0));
		/* 0 or -EIO */
		set_inflight(&f, fd, 0, 8192, 1);
		for (unsigned slot = 0; slot < 8; slot++)
			offer(&f, 0, slot, VIRTIO_BLK_T_IN, slot, 512);
		publish(&f, 0);
		scribble(records, 4096);
		check_int(SAY(&f, VHOST_USER_GET_FEATURES), 0);
		front_close(&f);
	}
}

static void cut_short(struct rig *e, int fd, bool log)
{
	static struct front f;

	check_int(ftruncate(fd, 0), 0); /* new records are zeroes */
	check_int(ftruncate(fd, FILE_BYTES), 0);
	front_open(&f, e->path, 1, ALL_FEATURES);
	if (log)
		check_int(SAY(&f, VHOST_USER_SET_FEATURES,
			      .u64 = f.features | VHOST_USER_F_LOG_ALL),
			  0);
	check_int(log ? set_log(&f, fd, 0, FILE_BYTES)
		      : set_inflight(&f, fd, 0, 8192, 1),
		  0);
	check_int(front_tell_addr(&f, 0, log), 0);
	check_int(request(&f, 0, VIRTIO_BLK_T_IN, 0, 512), VIRTIO_BLK_S_OK);
	check_int(ftruncate(fd, 0), 0);
	offer(&f, 0, 0, VIRTIO_BLK_T_IN, 0, 512);
	publish(&f, 0);
	wait_hang_up(f.sock);
	front_close(&f);
}

/* New records in place of others, with requests in flight */
static void changed_under_load(struct rig *e)
{
	static struct front f;

	front_open(&f, e->path, 1, ALL_FEATURES);
	for (unsigned i = 0; i < 50; i++) {
		for (unsigned slot = 0; slot < 16; slot++)
			offer(&f, 0, slot, VIRTIO_BLK_T_IN, slot, 4096);
		publish(&f, 0);
		front_get_inflight(&f);
		if (i % 2)
			check_int(set_inflight(&f, f.inflight_fd, 0,
					       f.inflight.mmap_size, 1),
				  0);
		close(f.inflight_fd);
		for (unsigned slot = 0; slot < 16; slot++)
			check_int(*slot_status(&f, 0, complete(&f, 0)),
				  VIRTIO_BLK_S_OK);
	}
	front_close(&f);
}

static void script(struct rig *e)
{
	int fd = memfd_create("shared", MFD_CLOEXEC);
	uint8_t *map;

	check_int(ftruncate(fd, FILE_BYTES), 0);
	map = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(map != MAP_FAILED);
	wrong_sizes(e, fd);
	random_records(e, fd, map);
	/* TSan holds a lock of its own while it makes an atomic access: when
	 * that is the fault, those of the handler wait for ever */
	for (int i = 0; i < 4 && !HAS_TSAN; i++)
		cut_short(e, fd, i % 2);
	changed_under_load(e);
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
