/* SPDX-License-Identifier: MIT */
/* SET_MEM_TABLE: memory in several regions, a buffer across two of them, and
 * another table in its place under load; one that makes no sense is refused,
 * and the next good one is served. */
#include "tests/vhost-user/frontend.h"

#define PARTS 3u

/* All memory, in parts that meet within a slot's data; backwards. */
static struct vhost_user_msg table_of(const struct front *f)
{
	size_t bytes = f->nr_queues * QUEUE_BYTES;
	size_t ends[PARTS + 1] = {0, slot_offset(0, 1) + 4096,
				  slot_offset(0, 5) + 8192, bytes};
	struct vhost_user_msg msg = {
		.request = VHOST_USER_SET_MEM_TABLE,
		.table.nr = PARTS,
	};

	for (unsigned i = 0; i < PARTS; i++) {
		size_t at = ends[PARTS - 1 - i], end = ends[PARTS - i];

		msg.table.regions[i] = (struct vhost_user_region){
			.guest_addr = GUEST + at,
			.user_addr = USER + at,
			.size = end - at,
			.mmap_offset = at,
		};
	}
	return msg;
}

static int set_table(struct front *f, struct vhost_user_msg msg)
{
	const int fds[PARTS] = {f->memfd, f->memfd, f->memfd};

	return say(f, msg, fds, PARTS);
}

static void all_slots(struct front *f, uint32_t type, uint8_t byte)
{
	for (unsigned slot = 0; slot < 8; slot++) {
		memset(slot_data(f, 0, slot),
		       type == VIRTIO_BLK_T_OUT ? byte + slot : 0, SLOT_BYTES);
		offer(f, 0, slot, type, slot * (SLOT_BYTES / 512), SLOT_BYTES);
	}
	publish(f, 0);
}

static void complete_all(struct front *f, uint8_t byte)
{
	for (unsigned i = 0; i < 8; i++) {
		unsigned slot = complete(f, 0);

		check_int(*slot_status(f, 0, slot), VIRTIO_BLK_S_OK);
		for (unsigned j = 0; j < SLOT_BYTES; j++)
			check_int(slot_data(f, 0, slot)[j],
				  (uint8_t)(byte + slot));
	}
}

static void script(struct rig *e)
{
	static struct front f = {.nr_queues = 1};
	struct vhost_user_msg bad;

	front_greet(&f, e->path, ALL_FEATURES);
	front_make_memory(&f);
	check_int(set_table(&f, table_of(&f)), 0);
	front_start_queue(&f, 0);
	for (int i = 0; i < 50; i++) {
		all_slots(&f, VIRTIO_BLK_T_OUT, i);
		check_int(set_table(&f, table_of(&f)), 0);
		complete_all(&f, i);
		all_slots(&f, VIRTIO_BLK_T_IN, i);
		check_int(set_table(&f, table_of(&f)), 0);
		complete_all(&f, i);
	}
	bad = table_of(&f);
	bad.table.regions[1].guest_addr -= 4096; /* overlaps */
	check_int(set_table(&f, bad), -EIO);
	bad = table_of(&f);
	bad.table.regions[0].size += 4096; /* more than the file has */
	check_int(set_table(&f, bad), -EIO);
	bad = table_of(&f);
	bad.table.regions[2].size = 0;
	check_int(set_table(&f, bad), -EIO);
	/* rings in none of them */
	bad = table_of(&f);
	for (unsigned i = 0; i < PARTS; i++)
		bad.table.regions[i].user_addr += UINT64_C(1) << 40;
	check_int(set_table(&f, bad), -EIO);
	check_int(set_table(&f, table_of(&f)), 0);
	all_slots(&f, VIRTIO_BLK_T_IN, 49);
	complete_all(&f, 49);
	front_close(&f);
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
