/* SPDX-License-Identifier: MIT */
/*
 * However little the kernel transfers at a time, a request completes once,
 * whole and right; with direct=true (the argument) it goes on from a block
 * boundary.
 */
#include "tests/io_uring/hook.h"
#include "tests/io_uring/iou_test.h"

#define LEN (64 * KIB)

static int buffered; /* fd of the same file, which takes any length */
static int align;    /* bytes; the file system's, or the kernel's best guess */
static unsigned cut_bytes; /* no multiple of align, unless that is 1 */
static unsigned cuts;

/* No more than cut_bytes, for vectors than their first entry's. */
static void cut(struct io_uring_sqe *sqe)
{
	const struct iovec *iov = (const void *)(uintptr_t)sqe->addr;
	bool read = sqe->opcode == IORING_OP_READV;

	if (read || sqe->opcode == IORING_OP_WRITEV) {
		sqe->opcode = read ? IORING_OP_READ : IORING_OP_WRITE;
		sqe->addr = (uintptr_t)iov->iov_base;
		sqe->len = (uint32_t)iov->iov_len;
	}
	if (sqe->opcode == IORING_OP_READ || sqe->opcode == IORING_OP_WRITE) {
		check(IS_ALIGNED(sqe->off, align));
		check(IS_ALIGNED(sqe->addr, align));
		check(IS_ALIGNED(sqe->len, align));
		sqe->len = MIN(sqe->len, cut_bytes);
		sqe->flags = 0;
		sqe->fd = buffered;
		cuts++;
	}
}

/* How many pieces LEN bytes take when each goes on from a block boundary. */
static unsigned pieces(void)
{
	unsigned n = 1;

	for (unsigned pos = 0; LEN - pos > cut_bytes; n++)
		pos = ALIGN_DOWN(pos + cut_bytes, align);
	return n;
}

static void vectors(struct iovec iov[4], char *buf, size_t unit)
{
	iov[0] = (struct iovec){ buf, 3 * unit };
	iov[1] = (struct iovec){ buf + 3 * unit, unit };
	iov[2] = (struct iovec){ buf + 4 * unit, 5 * unit };
	iov[3] = (struct iovec){ buf + 9 * unit, LEN - 9 * unit };
}

int main(int argc, char **argv)
{
	bool direct = argv[1] != NULL;
	const char *path = temp_file(MIB);
	struct blkio *b = open_disk(path, argv[1], NULL);
	struct blkioq *q = queue_of(b);
	size_t unit = direct ? 4096 : 1111;
	char *out = buffer(LEN), *in = buffer(LEN);
	struct iovec iov[4];

	buffered = open(path, O_RDWR | O_CLOEXEC);
	check_int(blkio_get_int(b, "request-alignment", &align), 0);
	check(direct || align == 1);
	cut_bytes = align == 1 ? 3000 : align * 5 + 440;
	hook.sqe = cut;
	fill_pattern(out, 4096, LEN);
	check_int(do_write(q, 4096, out, LEN, 0), 0);
	check_int(cuts, pieces());
	check_int(do_read(q, 4096, in, LEN), 0);
	check(has_pattern(in, 4096, LEN));

	fill_pattern(out, 20 * 4096, LEN);
	vectors(iov, out, unit);
	blkioq_writev(q, 20 * 4096, iov, 4, NULL, 0);
	check_int(next_ret(q), 0);
	memset(in, 0xee, LEN);
	vectors(iov, in, unit);
	blkioq_readv(q, 20 * 4096, iov, 4, NULL, 0);
	check_int(next_ret(q), 0);
	check(has_pattern(in, 20 * 4096, LEN));

	/* the end of the file shows even so */
	memset(in, 0xee, LEN);
	vectors(iov, in, unit);
	blkioq_readv(q, MIB - 4096, iov, 4, NULL, 0);
	check_int(next_ret(q), 0);
	check(all_zero(in, LEN));
	blkio_destroy(&b);
	free(out);
	free(in);
	return 0;
}
