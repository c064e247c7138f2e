/* SPDX-License-Identifier: MIT */
/* Random requests of any alignment leave what a byte array would hold. */
/*
 * request-model DISK [SEED]: reads, writes, zeroes and discards with random
 * ranges, segment lists and buffer alignments, under the limits that DISK
 * announces (the ram driver refuses requests which break its limits). A part
 * of the buffers is registered.
 */
#include <stdlib.h>

#include "tests/block/node_test.h"
#include "util/iov.h"

enum { OPS = 4000, MAX_LEN = 40000, MAX_SEGMENTS = 12 };

#define REGISTERED 65536u /* bytes of scratch */

struct run {
	struct node *node;
	unsigned char *model;	/* what the disk must hold */
	bool *unknown;		/* discarded: any content */
	unsigned char *scratch; /* the requests' buffers */
	uint64_t size;
	unsigned seed;
};

static unsigned pick(struct run *r, unsigned below)
{
	return (unsigned)rand_r(&r->seed) % below;
}

/* A range, half of the time with round ends */
static void pick_range(struct run *r, uint64_t *offset, size_t *len)
{
	*offset = pick(r, (unsigned)r->size);
	*len = pick(r, (unsigned)MIN(r->size - *offset, (uint64_t)MAX_LEN) + 1);
	if (pick(r, 2)) {
		*offset = ALIGN_DOWN(*offset, 4096);
		*len = ALIGN_DOWN(*len, 4096);
	}
}

/* Cut len bytes of scratch memory into segments, some of them empty. */
static int pick_iov(struct run *r, size_t len, struct iovec *iov)
{
	unsigned char *at = r->scratch + pick(r, 2) * (REGISTERED - 16384) +
			    (pick(r, 2) ? pick(r, 64) : 0);
	unsigned grain = pick(r, 2) ? 512 : 1;
	int n = 0;

	while (n < MAX_SEGMENTS - 1 && len && pick(r, 4)) {
		size_t part = ALIGN_DOWN(pick(r, (unsigned)len + 1), grain);

		iov[n++] = (struct iovec){at, part};
		at += part + (pick(r, 3) ? 0 : grain);
		len -= part;
	}
	iov[n++] = (struct iovec){at, len};
	return n;
}

static void co_do_write(struct run *r, uint64_t offset, size_t len,
			unsigned flags)
{
	struct iovec iov[MAX_SEGMENTS];
	int n = pick_iov(r, len, iov);

	for (int i = 0; i < n; i++)
		for (size_t j = 0; j < iov[i].iov_len; j++)
			((char *)iov[i].iov_base)[j] = (char)pick(r, 256);
	check_int(node_co_pwritev(r->node, offset, iov, n, flags), 0);
	iov_to_buf(iov, n, 0, r->model + offset, len);
	memset(r->unknown + offset, false, len);
}

static void co_do_read(struct run *r, uint64_t offset, size_t len)
{
	struct iovec iov[MAX_SEGMENTS];
	int n = pick_iov(r, len, iov);
	unsigned char *got = malloc(len + 1);

	check_int(node_co_preadv(r->node, offset, iov, n, 0), 0);
	check_int(iov_to_buf(iov, n, 0, got, len), len);
	for (size_t i = 0; i < len; i++)
		if (got[i] != r->model[offset + i] && !r->unknown[offset + i]) {
			fprintf(stderr, "byte %llu is %02x, wanted %02x\n",
				(unsigned long long)offset + i, got[i],
				r->model[offset + i]);
			exit(1);
		}
	free(got);
}

static void co_all(void *opaque)
{
	static const unsigned zero_flags[] = {
		0,
		NODE_REQ_MAY_UNMAP,
		NODE_REQ_FUA,
		NODE_REQ_FUA | NODE_REQ_MAY_UNMAP,
	};
	struct run *r = opaque;
	uint64_t offset;
	size_t len;

	for (int i = 0; i < OPS; i++) {
		pick_range(r, &offset, &len);
		switch (pick(r, 8)) {
		case 0:
			check_int(node_co_write_zeroes(r->node, offset, len,
						       zero_flags[pick(r, 4)]),
				  0);
			memset(r->model + offset, 0, len);
			memset(r->unknown + offset, false, len);
			break;
		case 1:
			check_int(node_co_discard(r->node, offset, len), 0);
			memset(r->unknown + offset, true, len);
			break;
		case 2:
		case 3:
		case 4:
			co_do_write(r, offset, len,
				    pick(r, 8) ? 0 : NODE_REQ_FUA);
			break;
		default:
			co_do_read(r, offset, len);
		}
	}
	check_int(node_co_flush(r->node), 0);
}

int main(int argc, char **argv)
{
	struct run r = {.seed = argc > 2 ? (unsigned)atoi(argv[2]) : 1};
	struct node_buffer buf = {.len = REGISTERED, .fd = -1};
	struct err err = ERR_INIT;
	int ret;

	check(argc > 1);
	fprintf(stderr, "disk %s, seed %u\n", argv[1], r.seed);
	test_begin();
	r.node = open_disk(argv[1]);
	r.size = node_size(r.node);
	r.model = calloc(1, r.size);
	r.unknown = calloc(r.size, sizeof(bool));
	check(posix_memalign((void **)&r.scratch, 65536, 4 * MAX_LEN) == 0);
	buf.addr = r.scratch;
	ret = node_register_buf(r.node, &buf, &err);
	if (ret < 0) /* the bounce pool has the only one there is */
		check_int(ret, -ENOSPC);
	check_int(co_run(co_all, &r), 0);
	node_unregister_buf(r.node, &buf);
	close_disk(r.node);
	free(r.scratch);
	free(r.unknown);
	free(r.model);
	test_end();
	return 0;
}
