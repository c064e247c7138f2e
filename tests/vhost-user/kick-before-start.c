/* SPDX-License-Identifier: MIT */
/* Kicks of a queue that lacks anything are not taken for requests; when it
 * has all, what was offered meanwhile is done without another kick. */
#include "tests/vhost-user/frontend.h"

static void kick(struct front *f)
{
	eventfd_write(f->kick[0], 1);
	/* by its reply the server has had time to look, and didn't */
	check_int(SAY(f, VHOST_USER_SET_VRING_ERR, .vring_fd = {0, false}), 0);
	check_int(*slot_status(f, 0, 0), VIRTIO_BLK_S_NONE);
}

static void script(struct rig *e)
{
	static struct front f = {.nr_queues = 1};

	for (int i = 0; i < 4; i++) {
		bool packed = i % 2;

		front_greet(&f, e->path,
			    ALL_FEATURES | (packed ? VIRTIO_F_RING_PACKED : 0));
		front_make_memory(&f);
		check_int(SAY_FD(&f, f.memfd, VHOST_USER_ADD_MEM_REG,
				 .region = front_region(&f)),
			  0);
		front_make_ring(&f, 0);
		offer(&f, 0, 0, VIRTIO_BLK_T_IN, 0, 512);
		publish(&f, 0);
		check_int(SAY_FD(&f, f.call[0], VHOST_USER_SET_VRING_CALL,
				 .vring_fd = {0, true}),
			  0);
		check_int(SAY_FD(&f, f.kick[0], VHOST_USER_SET_VRING_KICK,
				 .vring_fd = {0, true}),
			  0);
		kick(&f);
		check_int(SAY(&f, VHOST_USER_SET_VRING_ENABLE, .state = {0, 1}),
			  0);
		kick(&f);
		check_int(SAY(&f, VHOST_USER_SET_VRING_NUM, .state = {0, RING}),
			  0);
		kick(&f);
		check_int(SAY(&f, VHOST_USER_SET_VRING_BASE,
			      .state = {0, VQ_BASE_START(packed)}),
			  0);
		kick(&f);
		check_int(front_tell_addr(&f, 0, false), 0);
		check_int(complete(&f, 0), 0);
		check_int(*slot_status(&f, 0, 0), VIRTIO_BLK_S_OK);
		front_close(&f);
	}
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
