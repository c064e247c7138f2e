/* SPDX-License-Identifier: MIT */
/*
 * The state machine: every control call in every state. States are created,
 * connected and started; a call that is too early or too late changes
 * nothing. Properties are in properties.c.
 */
#include <sys/mman.h>

#include "tests/conformance/conformance.h"

static const struct state {
	unsigned bit;
	const char *name;
} states[] = {
	{CREATED, "created"},
	{CONNECTED, "connected"},
	{STARTED, "started"},
};

static unsigned bit_of(const void *arg)
{
	return ((const struct state *)arg)->bit;
}

/* The instance still is what it was, and goes on from there. */
static void check_goes_on(struct dev *d, unsigned state)
{
	if (state == CREATED)
		dev_do_connect(d);
	if (state != STARTED)
		dev_do_start(d);
	check_int(request(d->q, FLUSH, 0, NULL, 0, 0), 0);
	dev_close(d);
}

/* ---- life ---- */

static void case_connect(const struct target *t, const void *arg)
{
	unsigned state = bit_of(arg);
	struct dev d = dev_in_state(t, state);

	check_int(blkio_connect(d.b), state == STARTED ? -EBUSY : 0);
	check_goes_on(&d, state);
}

static void case_start(const struct target *t, const void *arg)
{
	unsigned state = bit_of(arg);
	struct dev d = dev_in_state(t, state);

	check_int(blkio_start(d.b), state == CREATED ? -ENODEV : 0);
	check_goes_on(&d, state);
}

static void case_destroy(const struct target *t, const void *arg)
{
	int nr_fds = test_nr_open_fds();
	struct dev d;

	if (t->facts->has_source)
		disk_path(t); /* may keep an fd */
	nr_fds = test_nr_open_fds();
	d = dev_in_state(t, bit_of(arg));
	dev_close(&d);
	check_int(test_nr_open_fds(), nr_fds);
}

/* ---- queues ---- */

static int add_result(const struct dev *d, unsigned state, bool poll)
{
	if (!get_bool(d->b, "can-add-queues"))
		return -EOPNOTSUPP;
	if (state != STARTED)
		return -EBUSY;
	if (!poll)
		return 1; /* the second */
	return d->poll_queues ? 0 : -EINVAL;
}

static void case_add_queue(const struct target *t, const void *arg)
{
	unsigned state = bit_of(arg);
	struct dev d = dev_in_state(t, state);

	check_int(blkio_add_queue(d.b), add_result(&d, state, false));
	check_goes_on(&d, state);
}

static void case_add_poll_queue(const struct target *t, const void *arg)
{
	unsigned state = bit_of(arg);
	struct dev d = dev_in_state(t, state);

	check_int(blkio_add_poll_queue(d.b), add_result(&d, state, true));
	check_goes_on(&d, state);
}

static void case_remove_queue(const struct target *t, const void *arg)
{
	unsigned state = bit_of(arg);
	struct dev d = dev_in_state(t, state);

	check_refused(blkio_remove_queue(d.b, -1), ENOENT);
	check_refused(blkio_remove_queue(d.b, 1), ENOENT);
	check_refused(blkio_remove_poll_queue(d.b, 0), ENOENT);
	if (state == STARTED) {
		check_int(blkio_remove_queue(d.b, 0), 0);
		dev_close(&d);
	} else {
		check_refused(blkio_remove_queue(d.b, 0), ENOENT);
		check_goes_on(&d, state);
	}
}

static void case_get_queue(const struct target *t, const void *arg)
{
	unsigned state = bit_of(arg);
	struct dev d = dev_in_state(t, state);

	check((blkio_get_queue(d.b, 0) != NULL) == (state == STARTED));
	check(!blkio_get_queue(d.b, 1));
	check(!blkio_get_queue(d.b, -1));
	check(!blkio_get_queue(d.b, INT32_MAX));
	check(!blkio_get_queue(d.b, INT32_MIN));
	check(!blkio_get_poll_queue(d.b, 0));
	check(!blkio_get_poll_queue(d.b, -1));
	check_goes_on(&d, state);
}

/* ---- memory regions ---- */

static void case_alloc(const struct target *t, const void *arg)
{
	unsigned state = bit_of(arg);
	struct dev d = dev_in_state(t, state);
	struct blkio_mem_region r;

	check_int(blkio_alloc_mem_region(d.b, &r, 65536),
		  state == CREATED ? -ENODEV : 0);
	if (state != CREATED) {
		memset(r.addr, 1, r.len);
		blkio_free_mem_region(d.b, &r);
	}
	check_goes_on(&d, state);
}

/* Before the alignment of regions is known, no shape is right. */
static int map_result(const struct dev *d, unsigned state)
{
	const struct property_fact *align =
		fact_of(d->t, "mem-region-alignment");

	if (state == STARTED)
		return 0;
	return align->readable & state ? -EBUSY : -ENODEV;
}

static void case_map(const struct target *t, const void *arg)
{
	unsigned state = bit_of(arg);
	struct dev d = dev_in_state(t, state);
	int fd = memfd_create("conformance", MFD_CLOEXEC);
	size_t len = 65536;
	struct blkio_mem_region r = {.len = len, .fd = fd};

	check(fd >= 0);
	check_int(ftruncate(fd, (off_t)len), 0);
	r.addr = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(r.addr != MAP_FAILED);
	check_int(blkio_map_mem_region(d.b, &r), map_result(&d, state));
	blkio_unmap_mem_region(d.b, &r);
	check_goes_on(&d, state);
	munmap(r.addr, len);
	close(fd);
}

static void case_unmap(const struct target *t, const void *arg)
{
	struct blkio_mem_region r = {.addr = &r, .len = 4096, .fd = -1};
	unsigned state = bit_of(arg);
	struct dev d = dev_in_state(t, state);

	blkio_unmap_mem_region(d.b, &r);
	check_goes_on(&d, state);
}

/* ---- create ---- */

static void case_create_unknown(const struct target *t, const void *arg)
{
	struct blkio *b = NULL;

	check_refused(blkio_create("no-such-driver", &b), ENOENT);
	check_refused(blkio_create("", &b), ENOENT);
	check_refused(blkio_create("IO_URING", &b), ENOENT);
	check(!b);
}

static void case_create_not_utf8(const struct target *t, const void *arg)
{
	struct blkio *b = NULL;

	check_fails(blkio_create("\xff", &b), EINVAL, "driver name");
	check_fails(blkio_create("io\xc0\x80", &b), EINVAL, "driver name");
	check(!b);
}

static void case_create_many(const struct target *t, const void *arg)
{
	struct blkio *b[64];

	for (size_t i = 0; i < ARRAY_SIZE(b); i++)
		check_ok(blkio_create(t->driver, &b[i]));
	for (size_t i = 0; i < ARRAY_SIZE(b); i++)
		blkio_destroy(&b[i]);
}

void add_state_cases(struct suite *s)
{
	static const struct {
		case_fn *run;
		const char *call;
	} calls[] = {
		{case_connect, "connect"},
		{case_start, "start"},
		{case_destroy, "destroy"},
		{case_add_queue, "add-queue"},
		{case_add_poll_queue, "add-poll-queue"},
		{case_remove_queue, "remove-queue"},
		{case_get_queue, "get-queue"},
		{case_alloc, "alloc"},
		{case_map, "map"},
		{case_unmap, "unmap"},
	};

	add_case(s, case_create_unknown, NULL, "create.unknown-driver");
	add_case(s, case_create_not_utf8, NULL, "create.not-utf8");
	add_case(s, case_create_many, NULL, "create.many");
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		for (size_t k = 0; k < ARRAY_SIZE(calls); k++)
			add_case(s, calls[k].run, &states[i], "state.%s.%s",
				 states[i].name, calls[k].call);
}
