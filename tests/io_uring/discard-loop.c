/* SPDX-License-Identifier: MIT */
/*
 * Discard on a block device gives the space back, and is done by io_uring's
 * own command only with O_DIRECT. Arguments: "ioctl" as on a kernel without
 * the command, "any" as on this one; the property direct.
 */
#include "tests/io_uring/hook.h"
#include "tests/io_uring/iou_test.h"

#define DISK_BYTES (8 * MIB)

static unsigned commands; /* seen since the last look */

static void count_commands(struct io_uring_sqe *sqe)
{
	commands += sqe->opcode == IORING_OP_URING_CMD;
}

/* The command is unknown: a NOP ends with 0, which no empty range does. */
static void no_command(struct io_uring_sqe *sqe)
{
	count_commands(sqe);
	if (sqe->opcode == IORING_OP_URING_CMD)
		*sqe = (struct io_uring_sqe){
			.opcode = IORING_OP_NOP,
			.user_data = sqe->user_data,
		};
}

int main(int argc, char **argv)
{
	bool by_ioctl = strcmp(argv[1], "ioctl") == 0;
	const char *backing;
	const char *path = temp_loop(DISK_BYTES, &backing);
	struct blkio *b;
	struct blkioq *q;
	char *buf = buffer(DISK_BYTES);
	bool direct = strcmp(argv[2], "direct=true") == 0, tried;
	uint64_t before;

	hook.sqe = by_ioctl ? no_command : count_commands;
	b = open_disk(path, argv[2], NULL);
	q = queue_of(b);
	/* not on kernels that have no commands at all */
	tried = commands > 0;
	check(direct || !tried);
	fill_pattern(buf, 0, DISK_BYTES);
	check_int(do_write(q, 0, buf, DISK_BYTES, BLKIO_REQ_FUA), 0);
	before = allocated(backing);
	check(before >= DISK_BYTES);
	commands = 0;
	check_int(do_discard(q, MIB, 4 * MIB), 0);
	check_int(commands, tried && !by_ioctl);
	check(allocated(backing) <= before - 4 * MIB);
	check_int(do_read(q, 0, buf, DISK_BYTES), 0);
	check(has_pattern(buf, 0, MIB));
	check(all_zero(buf + MIB, 4 * MIB));
	check(has_pattern(buf + 5 * MIB, 5 * MIB, DISK_BYTES - 5 * MIB));
	check_int(do_discard(q, 0, 0), -EINVAL);
	check_int(do_discard(q, 1, 4096), -EINVAL);
	check_int(do_discard(q, DISK_BYTES, 4096), -EINVAL);
	check_int(do_discard(q, 4096, UINT64_MAX - 4095), -EINVAL);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
