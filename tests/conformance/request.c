/* SPDX-License-Identifier: MIT */
/* Requests of every kind, and waiting for them within bounds. */
#include "tests/conformance/conformance.h"

const char *const op_names[NR_OPS] = {
	[READ] = "read",
	[READV] = "readv",
	[WRITE] = "write",
	[WRITEV] = "writev",
	[WRITE_ZEROES] = "write_zeroes",
	[DISCARD] = "discard",
	[FLUSH] = "flush",
	[REPORT_ZONES] = "report_zones",
	[CLOSE_ZONE] = "close_zone",
	[FINISH_ZONE] = "finish_zone",
	[OPEN_ZONE] = "open_zone",
	[RESET_ZONE] = "reset_zone",
	[CLOSE_ALL_ZONES] = "close_all_zones",
	[FINISH_ALL_ZONES] = "finish_all_zones",
	[OPEN_ALL_ZONES] = "open_all_zones",
	[RESET_ALL_ZONES] = "reset_all_zones",
};

bool op_writes(enum op op)
{
	return op >= WRITE && op <= DISCARD;
}

uint32_t op_flags(enum op op)
{
	if (op == WRITE_ZEROES)
		return ALL_FLAGS;
	return op == WRITE || op == WRITEV ? BLKIO_REQ_FUA : 0;
}

const struct range_facts *op_facts(const struct dev *d, enum op op,
				   uint32_t flags)
{
	const struct facts *f = d->t->facts;

	switch (op) {
	case READ:
	case READV:
		return &f->read;
	case WRITE:
	case WRITEV:
		return &f->write;
	case WRITE_ZEROES:
		return flags & BLKIO_REQ_NO_UNMAP ? &f->zeroes_keep
						  : &f->zeroes;
	case DISCARD:
		return &f->discard;
	default:
		return NULL;
	}
}

/* ---- submission ---- */

static void submit_zone(struct blkioq *q, enum op op, uint64_t start,
			void *user_data, uint32_t flags)
{
	static struct blkio_zone zones[1];

	if (op == REPORT_ZONES)
		blkioq_report_zones(q, start, zones, 1, user_data, flags);
	else if (op == CLOSE_ZONE)
		blkioq_close_zone(q, start, user_data, flags);
	else if (op == FINISH_ZONE)
		blkioq_finish_zone(q, start, user_data, flags);
	else if (op == OPEN_ZONE)
		blkioq_open_zone(q, start, user_data, flags);
	else if (op == RESET_ZONE)
		blkioq_reset_zone(q, start, user_data, flags);
	else if (op == CLOSE_ALL_ZONES)
		blkioq_close_all_zones(q, user_data, flags);
	else if (op == FINISH_ALL_ZONES)
		blkioq_finish_all_zones(q, user_data, flags);
	else if (op == OPEN_ALL_ZONES)
		blkioq_open_all_zones(q, user_data, flags);
	else
		blkioq_reset_all_zones(q, user_data, flags);
}

void submit(struct blkioq *q, enum op op, uint64_t start, void *buf,
	    uint64_t len, void *user_data, uint32_t flags)
{
	static struct iovec iov;

	iov = (struct iovec){buf, len};
	switch (op) {
	case READ:
		blkioq_read(q, start, buf, len, user_data, flags);
		break;
	case READV:
		blkioq_readv(q, start, &iov, 1, user_data, flags);
		break;
	case WRITE:
		blkioq_write(q, start, buf, len, user_data, flags);
		break;
	case WRITEV:
		blkioq_writev(q, start, &iov, 1, user_data, flags);
		break;
	case WRITE_ZEROES:
		blkioq_write_zeroes(q, start, len, user_data, flags);
		break;
	case DISCARD:
		blkioq_discard(q, start, len, user_data, flags);
		break;
	case FLUSH:
		blkioq_flush(q, user_data, flags);
		break;
	default:
		submit_zone(q, op, start, user_data, flags);
		break;
	}
}

/* ---- completion ---- */

void wait_for(struct blkioq *q, struct blkio_completion *c, int n)
{
	struct timespec timeout = {.tv_sec = WAIT_S};

	for (int got = 0, ret; got < n; got += ret) {
		ret = blkioq_do_io(q, c + got, 1, n - got, &timeout);
		check_ok(ret);
		check(ret > 0);
	}
}

struct blkio_completion next(struct blkioq *q)
{
	struct blkio_completion c, more;
	struct timespec timeout = {.tv_sec = WAIT_S};

	memset(&c, 0xee, sizeof(c));
	check_ok(blkioq_do_io(q, &c, 1, 1, &timeout));
	for (size_t i = 0; i < sizeof(c.reserved_); i++)
		check_int(c.reserved_[i], 0);
	check(c.ret <= 0);
	check(c.ret < 0 || !c.error_msg);
	check(!c.error_msg || *c.error_msg);
	check_int(blkioq_do_io(q, &more, 0, 1, NULL), 0);
	return c;
}

int request(struct blkioq *q, enum op op, uint64_t start, void *buf,
	    uint64_t len, uint32_t flags)
{
	struct blkio_completion c;

	submit(q, op, start, buf, len, &c, flags);
	c = next(q);
	check(c.user_data == &c);
	return c.ret;
}

void transfer(struct dev *d, bool write, uint64_t start, void *buf,
	      uint64_t len)
{
	uint64_t max = d->max_len ? d->max_len / d->align * d->align : len;

	for (uint64_t pos = 0; pos < len; pos += max)
		check_int(request(d->q, write ? WRITE : READ, start + pos,
				  (char *)buf + pos, MIN(len - pos, max), 0),
			  0);
}
