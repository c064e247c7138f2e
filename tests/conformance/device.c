/* SPDX-License-Identifier: MIT */
/* An instance of the target's driver on the disk of the case. */
#include <sys/mman.h>

#include "tests/conformance/conformance.h"

bool get_bool(struct blkio *b, const char *name)
{
	bool value;

	check_ok(blkio_get_bool(b, name, &value));
	return value;
}

int get_int(struct blkio *b, const char *name)
{
	int value;

	check_ok(blkio_get_int(b, name, &value));
	return value;
}

uint64_t get_u64(struct blkio *b, const char *name)
{
	uint64_t value;

	check_ok(blkio_get_uint64(b, name, &value));
	return value;
}

/* Make the settings for which this is the first state they can be made in. */
static void make_settings(const struct dev *d, unsigned state)
{
	const struct target *t = d->t;

	for (int i = 0; i < t->nr_settings; i++) {
		const struct setting *s = &t->settings[i];
		const struct property_fact *p = fact_of(t, s->name);
		/* not in the table: one of a driver's own */
		unsigned settable = p ? p->settable : CREATED;

		if (state == CREATED ? settable & CREATED
				     : settable == CONNECTED)
			check_ok(blkio_set_str(d->b, s->name, s->value));
	}
}

struct dev dev_create(const struct target *t)
{
	struct dev d = {.t = t};

	check_ok(blkio_create(t->driver, &d.b));
	make_settings(&d, CREATED);
	if (t->facts->has_source)
		check_ok(blkio_set_str(d.b, "path", disk_path(t)));
	return d;
}

void dev_do_connect(struct dev *d)
{
	check_ok(blkio_connect(d->b));
	make_settings(d, CONNECTED);
}

static uint64_t smaller_limit(int a, int b)
{
	if (a == 0 || b == 0)
		return (uint64_t)MAX(a, b);
	return (uint64_t)MIN(a, b);
}

void dev_do_start(struct dev *d)
{
	struct blkio *b = d->b;

	check_ok(blkio_start(b));
	d->q = blkio_get_queue(b, 0);
	check(d->q);
	d->capacity = get_u64(b, "capacity");
	d->align = (uint64_t)get_int(b, "request-alignment");
	d->buf_align = (uint64_t)get_int(b, "buf-alignment");
	d->max_len = smaller_limit(get_int(b, "max-transfer"),
				   get_int(b, "max-segment-len"));
	d->max_segments = get_int(b, "max-segments");
	d->read_only = get_bool(b, "read-only");
	d->needs_regions = get_bool(b, "needs-mem-regions");
	d->poll_queues = get_bool(b, "supports-poll-queues");
	/* the first completion is told, whatever is asked for: QEMU's way */
	if (d->t->kind == VHOST_USER_DISK) {
		check_int(request(d->q, FLUSH, 0, NULL, 0, 0), 0);
		while (test_consume(blkioq_get_completion_fd(d->q)))
			;
	}
}

struct dev dev_connect(const struct target *t)
{
	struct dev d = dev_create(t);

	dev_do_connect(&d);
	return d;
}

struct dev dev_start(const struct target *t)
{
	struct dev d = dev_connect(t);

	dev_do_start(&d);
	return d;
}

struct dev dev_in_state(const struct target *t, unsigned state)
{
	if (state == CREATED)
		return dev_create(t);
	return state == CONNECTED ? dev_connect(t) : dev_start(t);
}

void dev_close(struct dev *d)
{
	blkio_destroy(&d->b);
	check(!d->b);
}

void *dev_buffer(struct dev *d, size_t len)
{
	size_t align = get_u64(d->b, "mem-region-alignment");
	struct blkio_mem_region r;
	void *p;

	if (d->needs_regions) {
		len = (len + align - 1) / align * align;
		check_ok(blkio_alloc_mem_region(d->b, &r, MAX(len, align)));
		check_ok(blkio_map_mem_region(d->b, &r));
		return r.addr;
	}
	p = mmap(NULL, MAX(len, (size_t)1), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(p != MAP_FAILED);
	return p;
}
