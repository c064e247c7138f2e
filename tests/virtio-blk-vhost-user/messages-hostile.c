/* SPDX-License-Identifier: MIT */
/*
 * At each message from the first to the last one, a server goes wrong, in
 * every way that it can: a call fails, with text, none crashes or outlasts
 * the timeout, and no descriptor is left behind.
 */
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/virtio-blk-vhost-user/fake_server.h"

#define SILENCE_MS 100

enum way {
	RIGHT,	/* does as it should */
	SILENT, /* from that message on */
	HANGS_UP,
	HALF, /* of the answer, and hangs up */
	REFUSES,
	OTHER_REQUEST,
	NO_REPLY_FLAG,
	VERSION,
	TOO_SHORT,
	TOO_LONG,
	ENDLESS, /* by its header */
	DESCRIPTOR,
	DESCRIPTORS, /* as many as fit */
	TWICE,
	NR_WAYS,
};

struct lie {
	unsigned at; /* which message */
	enum way way;
};

static void put32(uint8_t *buf, size_t index, uint32_t value)
{
	memcpy(buf + 4 * index, &value, sizeof(value));
}

static uint32_t get32(const uint8_t *buf, size_t index)
{
	uint32_t value;

	memcpy(&value, buf + 4 * index, sizeof(value));
	return value;
}

/* Where there is to be no answer: one of 64 bits, which nobody has asked for.
 */
static size_t something(uint8_t *buf, const struct vhost_user_msg *msg)
{
	put32(buf, 0, msg->request);
	put32(buf, 1, VHOST_USER_VERSION | VHOST_USER_REPLY);
	put32(buf, 2, 8);
	memset(buf + VHOST_USER_HEADER_LEN, 0, 8);
	return VHOST_USER_HEADER_LEN + 8;
}

static void send_wrong(struct fake *f, enum way way, uint8_t *buf, size_t len)
{
	int fds[VHOST_USER_FDS_MAX] = {0}, nr_fds = 0;
	uint32_t size = get32(buf, 2);

	switch (way) {
	case HALF:
		len /= 2;
		break;
	case REFUSES:
		memset(buf + VHOST_USER_HEADER_LEN, 0xff, 8);
		break;
	case OTHER_REQUEST:
		put32(buf, 0, get32(buf, 0) + 1);
		break;
	case NO_REPLY_FLAG:
		put32(buf, 1, VHOST_USER_VERSION);
		break;
	case VERSION:
		put32(buf, 1, get32(buf, 1) + 1);
		break;
	case TOO_SHORT:
		put32(buf, 2, size - 4);
		len -= 4;
		break;
	case TOO_LONG:
		put32(buf, 2, size + 4);
		put32(buf, len / 4, 0);
		len += 4;
		break;
	case ENDLESS:
		put32(buf, 2, UINT32_MAX);
		break;
	case DESCRIPTOR:
	case DESCRIPTORS:
		nr_fds = way == DESCRIPTOR ? 1 : VHOST_USER_FDS_MAX;
		break;
	default:
		break;
	}
	for (int i = 0; i < nr_fds; i++)
		fds[i] = eventfd(0, EFD_CLOEXEC);
	fake_send(f, buf, len, fds, nr_fds);
	for (int i = 0; i < nr_fds; i++)
		close(fds[i]);
}

static bool lie(struct fake *f, const struct vhost_user_msg *msg,
		const uint8_t *answer, size_t len)
{
	const struct lie *l = f->arg;
	uint8_t buf[VHOST_USER_MSG_MAX + 4];

	/* the first is number 1 */
	if (f->nr_messages < l->at || l->way == RIGHT ||
	    (f->nr_messages > l->at && l->way != SILENT))
		return false;
	if (l->way == SILENT)
		return true;
	if (l->way == HANGS_UP) {
		fake_hang_up(f);
		return true;
	}
	memcpy(buf, answer, len);
	if (len == 0)
		len = something(buf, msg);
	send_wrong(f, l->way, buf, len);
	if (l->way == TWICE)
		fake_send(f, buf, len, NULL, 0);
	if (l->way == HALF)
		fake_hang_up(f);
	return true;
}

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
static unsigned try(unsigned at, enum way way, bool to_the_end, int *ret)
{
	struct lie l = {at, way};
	int before = test_nr_open_fds();
	int64_t began_ns = clock_now_ns();
	unsigned used;
	struct fake f;

	fake_init(&f);
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

int main(void)
{
	int ret;
	unsigned used = try(0, RIGHT, false, &ret), all;

	check_int(ret, 0);
	all = try(0, RIGHT, true, &ret);
	check_int(ret, 0);
	check(used > 15 && all > used);
	for (unsigned at = 1; at <= all; at++)
		for (int way = RIGHT + 1; way < NR_WAYS; way++) {
			try(at, way, true, &ret);
			if (ret >= 0 && !may_pass(way, at, used)) {
				fprintf(stderr,
					"way %d at message %u of %u "
					"passes\n",
					way, at, used);
				return 1;
			}
		}
	return 0;
}
