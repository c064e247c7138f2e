/* SPDX-License-Identifier: MIT */
/*
 * Discard on a block device gives the space back. Argument: "ioctl" as on a
 * kernel without the io_uring command, "any" as on this one.
 */
#include "tests/io_uring/hook.h"
#include "tests/io_uring/iou_test.h"

#define DISK_BYTES (8 * MIB)

static unsigned commands;

/* The command is unknown: a NOP ends with 0, which no empty range does. */
static void no_command(struct io_uring_sqe *sqe)
{
	if (sqe->opcode == IORING_OP_URING_CMD) {
		*sqe = (struct io_uring_sqe){
			.opcode = IORING_OP_NOP,
			.user_data = sqe->user_data,
		};
		commands++;
	}
}

int main(int argc, char **argv)
{
	bool by_ioctl = strcmp(argv[1], "ioctl") == 0;
	const char *backing;
	const char *path = temp_loop(DISK_BYTES, &backing);
	struct blkio *b;
	struct blkioq *q;
	char *buf = buffer(DISK_BYTES);
	uint64_t before;

	hook.sqe = by_ioctl ? no_command : NULL;
	b = open_disk(path, NULL);
	q = queue_of(b);
	if (by_ioctl && commands == 0)
		fprintf(stderr, "this kernel has no commands anyway\n");
	fill_pattern(buf, 0, DISK_BYTES);
	check_int(do_write(q, 0, buf, DISK_BYTES, BLKIO_REQ_FUA), 0);
	before = allocated(backing);
	check(before >= DISK_BYTES);
	commands = 0;
	check_int(do_discard(q, MIB, 4 * MIB), 0);
	check_int(commands, 0);
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
