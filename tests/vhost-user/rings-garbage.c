/* SPDX-License-Identifier: MIT */
/* A ring or a request that makes no sense breaks its queue, which the error
 * descriptor tells; other queues go on, and it is in order when the client
 * starts it anew. */
#include "frontend.h"

static void add(struct front *f, const struct vq_segment *segs, int nr_out,
		int nr_in)
{
	check(vq_driver_add(&f->drv[0], segs, nr_out, nr_in, f) >= 0);
	publish(f, 0);
}

/* Outside of memory; beyond its end. */
static void bad_address(struct front *f)
{
	add(f, &(struct vq_segment){GUEST - 4096, 16}, 1, 0);
}

static void beyond_end(struct front *f)
{
	add(f, &(struct vq_segment){GUEST + 2 * QUEUE_BYTES - 8, 16}, 1, 0);
}

static void no_header(struct front *f)
{
	const struct vq_segment segs[] = {{GUEST + RING_BYTES, 15},
					  {GUEST + RING_BYTES + 512, 1}};

	add(f, segs, 1, 1);
}

static void no_status(struct front *f)
{
	add(f, &(struct vq_segment){GUEST + RING_BYTES, 512}, 1, 0);
}

/* Split: an available index of 65535; packed: a chain without an end. */
static void index_jumps(struct front *f)
{
	const uint8_t endless[] = {0, 0, 0, 0, 0, 0, 0,	   0,
				   0, 2, 0, 0, 0, 0, 0x81, 0};

	memset(f->mem, 0xff, 64 * RING);
	for (unsigned i = 0; f->drv[0].packed && i < RING; i++)
		memcpy(f->mem + i * sizeof(endless), endless, sizeof(endless));
	eventfd_write(f->kick[0], 1);
}

static void script(struct rig *e)
{
	static void (*const bad[])(struct front *) = {
		bad_address, beyond_end, no_header, no_status, index_jumps};
	static struct front f;

	for (size_t i = 0; i < 2 * ARRAY_SIZE(bad); i++) {
		struct vhost_user_msg stop = {
			.request = VHOST_USER_GET_VRING_BASE};

		front_open(&f, e->path, 2,
			   ALL_FEATURES | (i % 2 ? VIRTIO_F_RING_PACKED : 0));
		check_int(request(&f, 0, VIRTIO_BLK_T_IN, 0, 512),
			  VIRTIO_BLK_S_OK);
		bad[i / 2](&f);
		wait_readable(f.error[0]);
		check_int(request(&f, 1, VIRTIO_BLK_T_IN, 0, 512),
			  VIRTIO_BLK_S_OK);
		check_int(say(&f, stop, NULL, 0), 0);
		close(f.kick[0]);
		close(f.call[0]);
		close(f.error[0]);
		front_start_queue(&f, 0);
		check_int(request(&f, 0, VIRTIO_BLK_T_IN, 0, 512),
			  VIRTIO_BLK_S_OK);
		front_close(&f);
	}
}

int main(void)
{
	export_run(&(struct rig){
		.disk = "driver=ram,size=1M",
		.nr_loops = 2,
		.nr_queues = 2,
		.script = script,
	});
	return 0;
}
