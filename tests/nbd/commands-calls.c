/* SPDX-License-Identifier: MIT */
/* Each command and flag becomes the node's request that stands for it. */
#include "tests/nbd/rig.h"

/* the linker's --wrap puts these in front of the node's own */
struct call {
	char kind; /* 'w'rite, 'z'eroes, 'd'iscard, 'f'lush, 'r'ead */
	uint64_t offset, bytes;
	unsigned flags;
};

static struct call calls[4];
static int nr_calls;

static void note(char kind, uint64_t offset, uint64_t bytes, unsigned flags)
{
	check(nr_calls < (int)ARRAY_SIZE(calls));
	calls[nr_calls++] = (struct call){kind, offset, bytes, flags};
}

int __wrap_node_co_pread(struct node *node, uint64_t offset, void *buf,
			 size_t bytes, unsigned flags);
int __wrap_node_co_pwrite(struct node *node, uint64_t offset, const void *buf,
			  size_t bytes, unsigned flags);
int __wrap_node_co_write_zeroes(struct node *node, uint64_t offset,
				uint64_t bytes, unsigned flags);
int __wrap_node_co_discard(struct node *node, uint64_t offset, uint64_t bytes);
int __wrap_node_co_flush(struct node *node);

int __wrap_node_co_pread(struct node *node, uint64_t offset, void *buf,
			 size_t bytes, unsigned flags)
{
	note('r', offset, bytes, flags);
	memset(buf, 0, bytes);
	return 0;
}

int __wrap_node_co_pwrite(struct node *node, uint64_t offset, const void *buf,
			  size_t bytes, unsigned flags)
{
	note('w', offset, bytes, flags);
	return 0;
}

int __wrap_node_co_write_zeroes(struct node *node, uint64_t offset,
				uint64_t bytes, unsigned flags)
{
	note('z', offset, bytes, flags);
	return 0;
}

int __wrap_node_co_discard(struct node *node, uint64_t offset, uint64_t bytes)
{
	note('d', offset, bytes, 0);
	return 0;
}

int __wrap_node_co_flush(struct node *node)
{
	note('f', 0, 0, 0);
	return 0;
}

static const struct {
	uint16_t flags, type;
	uint64_t offset;
	uint32_t len;
	struct call want[2];
} cases[] = {
	{0, NBD_CMD_READ, 5, 6, {{'r', 5, 6, 0}}},
	{NBD_CMD_FLAG_FUA, NBD_CMD_READ, 5, 6, {{'r', 5, 6, 0}}},
	{0, NBD_CMD_WRITE, 5, 6, {{'w', 5, 6, 0}}},
	{NBD_CMD_FLAG_FUA, NBD_CMD_WRITE, 5, 6, {{'w', 5, 6, NODE_REQ_FUA}}},
	{0, NBD_CMD_FLUSH, 0, 0, {{'f', 0, 0, 0}}},
	{0, NBD_CMD_TRIM, 512, 1024, {{'d', 512, 1024, 0}}},
	{NBD_CMD_FLAG_FUA, NBD_CMD_TRIM, 512, 1024,
	 {{'d', 512, 1024, 0}, {'f', 0, 0, 0}}},
	{0, NBD_CMD_WRITE_ZEROES, 5, 6, {{'z', 5, 6, NODE_REQ_MAY_UNMAP}}},
	{NBD_CMD_FLAG_NO_HOLE, NBD_CMD_WRITE_ZEROES, 5, 6, {{'z', 5, 6, 0}}},
	{NBD_CMD_FLAG_FAST_ZERO, NBD_CMD_WRITE_ZEROES, 5, 6,
	 {{'z', 5, 6, NODE_REQ_MAY_UNMAP | NODE_REQ_NO_FALLBACK}}},
	{NBD_CMD_FLAG_FUA | NBD_CMD_FLAG_NO_HOLE | NBD_CMD_FLAG_FAST_ZERO,
	 NBD_CMD_WRITE_ZEROES, 5, 6,
	 {{'z', 5, 6, NODE_REQ_FUA | NODE_REQ_NO_FALLBACK}}},
	{0, NBD_CMD_CACHE, 1, 300 << 10,
	 {{'r', 1, 256 << 10, 0}, {'r', 1 + (256 << 10), 44 << 10, 0}}},
	/* nothing to do */
	{NBD_CMD_FLAG_FUA, NBD_CMD_WRITE, 5, 0, {{0}}},
	{0, NBD_CMD_READ, 5, 0, {{0}}},
};

static size_t encode(uint8_t *p, uint16_t flags, uint16_t type, uint64_t offset,
		     uint32_t len)
{
	const uint8_t *start = p;

	memcpy(p, RIG_GO, sizeof(RIG_GO) - 1);
	p += sizeof(RIG_GO) - 1;
	p += nbd_encode_u32(p, 0x25609513);
	p += nbd_encode_u32(p, (uint32_t)flags << 16 | type);
	memcpy(p, "a cookie", 8);
	p += 8;
	p += nbd_encode_u32(p, offset >> 32);
	p += nbd_encode_u32(p, (uint32_t)offset);
	p += nbd_encode_u32(p, len);
	return p - start + (type == NBD_CMD_WRITE ? len : 0);
}

static int calls_wanted(const struct call want[2])
{
	return (want[0].kind != 0) + (want[1].kind != 0);
}

int main(void)
{
	static uint8_t bytes[200], answer[500];
	struct rig rig;

	rig_open(&rig, "driver=null,size=1M");
	check_int(rig_start(&rig), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct call *want = cases[i].want;
		bool read = cases[i].type == NBD_CMD_READ;
		size_t len = encode(bytes, cases[i].flags, cases[i].type,
				    cases[i].offset, cases[i].len);

		nr_calls = 0;
		check_int(rig_talk(&rig, bytes, len, answer, sizeof(answer)),
			  RIG_GO_REPLY + NBD_SIMPLE_REPLY_LEN +
				  (read ? cases[i].len : 0));
		check(memcmp(answer + RIG_GO_REPLY,
			     "\x67\x44\x66\x98\0\0\0\0a cookie", 16) == 0);
		check_int(nr_calls, calls_wanted(want));
		for (int j = 0; j < nr_calls; j++) {
			check_int(calls[j].kind, want[j].kind);
			check_int(calls[j].offset, want[j].offset);
			check_int(calls[j].bytes, want[j].bytes);
			check_int(calls[j].flags, want[j].flags);
		}
	}
	rig_stop(&rig);
	rig_close(&rig);
	return 0;
}
