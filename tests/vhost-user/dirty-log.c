/* SPDX-License-Identifier: MIT */
/* While the client wants a log of dirty pages, those that a request or its
 * completion writes to are marked in it, and no others; before and after,
 * none is. A log that ends too soon does no harm. */
#include "tests/vhost-user/frontend.h"

#define PAGE 4096u
#define FIRST (GUEST / PAGE)
#define NR_PAGES (QUEUE_BYTES / PAGE)
#define LOG_BYTES (FIRST / 8 + NR_PAGES / 8 + 1)

struct log_file {
	int fd, event;
	uint8_t *bits;
};

/* Is this page of our memory marked? It isn't any more. */
static bool take_bit(struct log_file *log, unsigned page)
{
	uint8_t bit = 1u << (FIRST + page) % 8;

	return __atomic_fetch_and(&log->bits[(FIRST + page) / 8], ~bit,
				  __ATOMIC_ACQUIRE) &
	       bit;
}

static bool within(unsigned page, size_t offset, size_t bytes)
{
	return page >= offset / PAGE && page <= (offset + bytes - 1) / PAGE;
}

/* Are just the ring, if so, and so many bytes of the slot marked? */
static void check_marked(struct front *f, struct log_file *log, bool on,
			 size_t data_bytes)
{
	bool packed = f->features & VIRTIO_F_RING_PACKED;
	size_t slot = slot_offset(0, 0);

	for (unsigned page = 0; page < NR_PAGES; page++) {
		bool ring = within(page, f->layout.device,
				   vq_device_area_bytes(RING, packed));
		bool data = data_bytes && within(page, slot, data_bytes);
		bool status = within(page, slot + SLOT_BYTES, PAGE);

		if (packed)
			ring |= within(page, f->layout.desc,
				       vq_desc_area_bytes(RING));
		check_int(take_bit(log, page), on && (ring || data || status));
	}
}

/* Each request marks what it writes to, or nothing if not on. */
static void play(struct front *f, struct log_file *log, bool on)
{
	/* some marks are of the ring's beginning */
	check_int(request(f, 0, VIRTIO_BLK_T_FLUSH, 0, 0), VIRTIO_BLK_S_OK);
	check_marked(f, log, on, 0);
	check_int(request(f, 0, VIRTIO_BLK_T_OUT, 0, SLOT_BYTES),
		  VIRTIO_BLK_S_OK);
	check_marked(f, log, on, 0);
	check_int(request(f, 0, VIRTIO_BLK_T_IN, 0, 8192), VIRTIO_BLK_S_OK);
	check_marked(f, log, on, 8192);
	check_int(request(f, 0, VIRTIO_BLK_T_GET_ID, 0, 20), VIRTIO_BLK_S_OK);
	check_marked(f, log, on, 20);
}

static bool take_event(struct log_file *log)
{
	eventfd_t count;

	return eventfd_read(log->event, &count) == 0;
}

static void set_logging(struct front *f, bool on)
{
	check_int(SAY(f, VHOST_USER_SET_FEATURES,
		      .u64 = f->features | (on ? VHOST_USER_F_LOG_ALL : 0)),
		  0);
	check_int(front_tell_addr(f, 0, on), 0);
}

static void cycle(struct rig *e, struct log_file *log, uint64_t features)
{
	static struct front f;

	log->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	front_open(&f, e->path, 1, features);
	play(&f, log, false);
	check_int(SAY_FD(&f, log->event, VHOST_USER_SET_LOG_FD), 0);
	check_int(SAY_FD(&f, log->fd, VHOST_USER_SET_LOG_BASE,
			 .log = {.size = LOG_BYTES}),
		  0);
	play(&f, log, false);
	check(!take_event(log));
	for (int i = 0; i < 2; i++) {
		set_logging(&f, true);
		play(&f, log, true);
		check(take_event(log));
		set_logging(&f, false);
		for (unsigned page = 0; page < NR_PAGES; page++)
			take_bit(log, page);
		play(&f, log, false);
	}
	/* one that ends before all of our memory */
	check_int(SAY_FD(&f, log->fd, VHOST_USER_SET_LOG_BASE,
			 .log = {.size = 16}),
		  0);
	set_logging(&f, true);
	play(&f, log, false);
	check(take_event(log));
	front_close(&f);
	close(log->event);
}

static void script(struct rig *e)
{
	struct log_file log = {.fd = memfd_create("log", MFD_CLOEXEC)};

	check_int(ftruncate(log.fd, LOG_BYTES), 0);
	log.bits = mmap(NULL, LOG_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
			log.fd, 0);
	check(log.bits != MAP_FAILED);
	cycle(e, &log, ALL_FEATURES);
	cycle(e, &log, ALL_FEATURES | VIRTIO_F_RING_PACKED);
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
