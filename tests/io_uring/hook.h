/* SPDX-License-Identifier: MIT */
/*
 * Faults between the driver and the kernel: a test linked with hook.c (and
 * --wrap for the functions it stands in front of) sees every SQE on its way
 * into the kernel and may change it, and may fail io_uring_enter(2). The
 * kernel then does the work as changed: a length cut short gives a true
 * short transfer, an opcode replaced by POLL_ADD a request that takes as
 * long as the test likes. One ring at a time, and one thread.
 */
#ifndef TESTS_IOU_HOOK_H
#define TESTS_IOU_HOOK_H

#include <liburing.h>
#include <stdbool.h>

struct hook {
	/* called for each SQE when it is handed over; may change it */
	void (*sqe)(struct io_uring_sqe *sqe);
	/* called first; a negative value is returned instead of entering */
	int (*enter)(unsigned to_submit, unsigned min_complete);
	/* when negative, what making a ring fails with */
	int init_error;
	/* features to hide from the driver */
	unsigned hidden_features;
	/* io_uring_register_sync_cancel() is unknown to the kernel */
	bool no_sync_cancel;
	/* so are all flags of a ring, but for IOPOLL */
	bool no_flags;
	/* when negative, what registering buffers fails with: any at all, and
	 * a region */
	int sparse_error, buffer_error;
	/* counted since the start */
	unsigned enters; /* system calls */
	unsigned sqes;
};

extern struct hook hook;

/* Replace sqe by one that waits until fd is readable and then has done 1 byte
 * (the value of POLLIN). */
void hook_wait_for(struct io_uring_sqe *sqe, int fd);

#endif
