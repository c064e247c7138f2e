/* SPDX-License-Identifier: MIT */
/*
 * Scatter-gather helpers on plain struct iovec arrays. Pure; no allocation.
 * Lengths and offsets are bytes; sums are the caller's to keep below SIZE_MAX
 * (iov_size_checked() is there for lists that come from outside).
 */
#ifndef UTIL_IOV_H
#define UTIL_IOV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

static inline size_t iov_size(const struct iovec *iov, int iovcnt)
{
	size_t bytes = 0;

	for (int i = 0; i < iovcnt; i++)
		bytes += iov[i].iov_len;
	return bytes;
}

/* Sum of the lengths in *bytes; false when it does not fit. */
bool iov_size_checked(const struct iovec *iov, int iovcnt, size_t *bytes);

/*
 * Describe bytes [offset, offset + len) of src in dst, which has room for
 * max entries. Returns the number of entries used. Stops when dst is full:
 * *done, if not NULL, tells how many bytes were described.
 */
int iov_slice(struct iovec *dst, int max, const struct iovec *src, int srccnt,
	      size_t offset, size_t len, size_t *done);

/* Copy out of / into the list, starting at byte offset; returns bytes copied */
size_t iov_to_buf(const struct iovec *iov, int iovcnt, size_t offset, void *buf,
		  size_t len);
size_t iov_from_buf(const struct iovec *iov, int iovcnt, size_t offset,
		    const void *buf, size_t len);

/* Set len bytes from byte offset on to zero; returns the bytes set. */
size_t iov_zero(const struct iovec *iov, int iovcnt, size_t offset, size_t len);

/*
 * Step over done bytes of a list that is being sent or received: *iov and
 * *iovcnt move on, the first entry left is trimmed in place.
 */
void iov_advance(struct iovec **iov, int *iovcnt, size_t done);

/* true when len bytes at buf are all zero */
bool buf_is_zero(const void *buf, size_t len);

#endif
