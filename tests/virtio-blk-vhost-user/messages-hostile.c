/* SPDX-License-Identifier: MIT */
/*
 * At each message from the first to the last one, a server goes wrong, in
 * every way that it can: a call fails, with text, none crashes or outlasts
 * the timeout, and no descriptor is left behind.
 */
#include "tests/virtio-blk-vhost-user/lies.h"

/* What is different about the protocol */
static const struct variant {
	uint64_t with, without;
} variants[] = {
	{0, 0},
	{VHOST_USER_PROTOCOL_F_BACKEND_REQ, 0},
	{0, VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS},
};

static int failed(int ret)
{
	if (ret < 0)
		check(blkio_get_error_msg()[0]);
	return ret;
}

/* All that there is to do with a device; ends at the first failure. */
static int use(struct fake *f)
{
	struct blkio_mem_region r;
	struct blkioq *q;
	uint64_t capacity;
	int ret = failed(blkio_connect(f->b));

	if (ret < 0)
		return ret;
	f->client = -1;
	ret = failed(blkio_start(f->b));
	if (ret < 0)
		return ret;
	check_ok(blkio_alloc_mem_region(f->b, &r, 4096));
	ret = failed(blkio_map_mem_region(f->b, &r));
	if (ret < 0)
		return ret;
	q = blkio_get_queue(f->b, 0);
	blkioq_write(q, 0, r.addr, 4096, NULL, 0);
	ret = test_result(q);
	check(ret == 0 || ret == -EIO);
	if (ret == 0)
		ret = failed(blkio_get_uint64(f->b, "capacity", &capacity));
	if (ret == 0)
		blkio_unmap_mem_region(f->b, &r);
	return ret;
}

/* Returns the number of messages, until all was used or until the end. */
static unsigned try(const struct variant *v, unsigned at, enum way way,
		    bool to_the_end, int *ret)
{
	struct lie l = {.at = at, .way = way};
	int before = test_nr_open_fds();
	int64_t began_ns = clock_now_ns();
	unsigned used;
	struct fake f;

	fake_init(&f);
	f.protocol_features |= v->with;
	f.protocol_features &= ~v->without;
	f.on_answer = lie;
	f.arg = &l;
	fake_create(&f);
	if (way == SILENT)
		check_ok(blkio_set_int(f.b, "connect-timeout-ms", SILENCE_MS));
	*ret = use(&f);
	used = __atomic_load_n(&f.nr_messages, __ATOMIC_RELAXED);
	fake_end(&f);
	check(clock_now_ns() - began_ns < TEST_TIMEOUT_S * NS_PER_SEC);
	check_int(test_nr_open_fds(), before);
	return to_the_end ? f.nr_messages : used;
}

/*
 * A server may refuse; it doesn't matter then whether that was the right thing
 * to do. What is wrong with the last one, which unmaps, nobody is told, and an
 * answer too many is seen when the next one is wanted.
 */
static bool may_pass(enum way way, unsigned at, unsigned used)
{
	return way == REFUSES || at + (way == TWICE) >= used;
}

static void check_variant(const struct variant *v)
{
	int ret;
	unsigned used = try(v, 0, RIGHT, false, &ret), all;

	check_int(ret, 0);
	all = try(v, 0, RIGHT, true, &ret);
	check_int(ret, 0);
	check(used > 15 && all > used);
	for (unsigned at = 1; at <= all; at++)
		for (int way = RIGHT + 1; way < NR_WAYS; way++) {
			try(v, at, way, true, &ret);
			if (ret >= 0 && !may_pass(way, at, used)) {
				fprintf(stderr,
					"way %d at message %u of %u passes\n",
					way, at, used);
				exit(1);
			}
		}
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(variants); i++)
		check_variant(&variants[i]);
	return 0;
}
