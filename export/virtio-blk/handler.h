/* SPDX-License-Identifier: MIT */
/*
 * A virtio block device on a node: its features, its configuration space,
 * and what each request does. Rings and transport are those of the export
 * that uses it; so is the memory of requests.
 *
 * Failure modes: a request without header or status byte is none,
 * vblk_parse(); all else that is wrong with one ends in its status.
 * Threads: set up and configuration on one, requests on any of the node's
 * loops.
 */
#ifndef EXPORT_VIRTIO_BLK_HANDLER_H
#define EXPORT_VIRTIO_BLK_HANDLER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "proto/virtio_blk.h"
#include "util/err.h"

struct node;

/* Data segments of a request: fit a ring of 128 entries without tables */
#define VBLK_SEG_MAX 126u

struct vblk_config {
	struct node *node;  /* the user's; closed after the device's end */
	const char *serial; /* at most VIRTIO_BLK_ID_LEN bytes; NULL: "" */
	uint16_t num_queues;
	bool read_only; /* refuse writes even if the node takes them */
};

struct vblk_device {
	struct node *node;
	uint64_t features; /* VIRTIO_BLK_F_* to offer */
	bool read_only;
	atomic_bool writeback;		 /* driver's choice, for CONFIG_WCE */
	char serial[VIRTIO_BLK_ID_LEN];	 /* padded with NULs */
	struct virtio_blk_config config; /* but for what changes */
};

/* -EINVAL: the serial is too long. */
int vblk_init(struct vblk_device *dev, const struct vblk_config *config,
	      struct err *err);

/* As a new driver finds it. */
void vblk_reset(struct vblk_device *dev);

/* Bytes of the configuration space, with the node's size of now. */
void vblk_config_read(struct vblk_device *dev, uint32_t offset, uint8_t *buf,
		      size_t len);

/* By a driver that negotiated features. -EINVAL: see proto/virtio_blk.h */
int vblk_config_write(struct vblk_device *dev, uint64_t features,
		      uint32_t offset, const uint8_t *data, size_t len,
		      struct err *err);

/* A request, taken apart: pointers into the memory of the driver. */
struct vblk_request {
	struct virtio_blk_request head;
	struct iovec *out; /* data that the device reads */
	struct iovec *in;  /* data that it writes */
	int nr_out, nr_in;
	uint64_t out_bytes, in_bytes;
	uint8_t *status;
};

/*
 * nr_readable entries of iov, then nr_writable, none of them empty. They are
 * trimmed in place and used until the request is done. -EINVAL: no place for
 * header or status.
 */
int vblk_parse(struct vblk_request *req, struct iovec *iov, int nr_readable,
	       int nr_writable, struct err *err);

/*
 * Do it for a driver that negotiated features, and set the status. Returns
 * the bytes written, from the first writable on: data and status.
 */
uint32_t co_vblk_run(struct vblk_device *dev, uint64_t features,
		     struct vblk_request *req);

/* End it without doing anything, as above. */
uint32_t vblk_fail(struct vblk_request *req);

#endif
