/* SPDX-License-Identifier: MIT */
/*
 * Where io_uring is forbidden or missing, start fails with a text that names
 * the reasons there can be, and nothing is lost. Argument: EPERM|ENOSYS.
 */
#include "tests/io_uring/iou_test.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static void forbid_io_uring(int error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K,
			 SECCOMP_RET_ERRNO | (uint32_t)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { ARRAY_SIZE(code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0)
		check_skip("no seccomp filters here");
}

int main(int argc, char **argv)
{
	int error = strcmp(argv[1], "EPERM") == 0 ? EPERM : ENOSYS;
	struct blkio *b;
	int fd;

	check_ok(blkio_create("io_uring", &b));
	check_ok(blkio_set_str(b, "path", temp_file(MIB)));
	forbid_io_uring(error);
	check_ok(blkio_connect(b));
	check_int(blkio_start(b), -error);
	check_contains(blkio_get_error_msg(), "seccomp");
	check_contains(blkio_get_error_msg(), "kernel.io_uring_disabled");
	check(blkio_get_queue(b, 0) == NULL);
	/* still connected */
	check_int(capacity_of(b), MIB);
	check_ok(blkio_get_int(b, "fd", &fd));
	check_ok(blkio_set_int(b, "num-queues", 0));
	check_ok(blkio_start(b));
	check_int(blkio_add_queue(b), -error);
	blkio_destroy(&b);
	check_int(fcntl(fd, F_GETFD), -1);
	return 0;
}
