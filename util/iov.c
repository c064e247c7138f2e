/* SPDX-License-Identifier: MIT */
/*
 * Scatter-gather helpers: see iov.h.
 */
#include "util/iov.h"

#include <string.h>

#include "util/compiler.h"

bool iov_size_checked(const struct iovec *iov, int iovcnt, size_t *bytes)
{
	size_t sum = 0;

	for (int i = 0; i < iovcnt; i++)
		if (__builtin_add_overflow(sum, iov[i].iov_len, &sum))
			return false;
	*bytes = sum;
	return true;
}

int iov_slice(struct iovec *dst, int max, const struct iovec *src, int srccnt,
	      size_t offset, size_t len, size_t *done)
{
	size_t left = len;
	int n = 0;

	for (int i = 0; i < srccnt && left && n < max; i++) {
		if (offset >= src[i].iov_len) {
			offset -= src[i].iov_len;
			continue;
		}
		dst[n].iov_base = (char *)src[i].iov_base + offset;
		dst[n].iov_len = MIN(src[i].iov_len - offset, left);
		left -= dst[n].iov_len;
		offset = 0;
		n++;
	}
	if (done)
		*done = len - left;
	return n;
}

/*
 * Call each() for the memory that bytes [offset, offset + len) of the list
 * lie in; done is how many came before. Returns the bytes that there were.
 */
static inline size_t
iov_walk(const struct iovec *iov, int iovcnt, size_t offset, size_t len,
	 void (*each)(char *at, size_t n, size_t done, void *arg), void *arg)
{
	size_t done = 0;

	for (int i = 0; i < iovcnt && done < len; i++) {
		size_t n;

		if (offset >= iov[i].iov_len) {
			offset -= iov[i].iov_len;
			continue;
		}
		n = MIN(iov[i].iov_len - offset, len - done);
		each((char *)iov[i].iov_base + offset, n, done, arg);
		done += n;
		offset = 0;
	}
	return done;
}

static void copy_out(char *at, size_t n, size_t done, void *buf)
{
	memcpy((char *)buf + done, at, n);
}

static void copy_in(char *at, size_t n, size_t done, void *buf)
{
	memcpy(at, (const char *)buf + done, n);
}

static void set_zero(char *at, size_t n, size_t done, void *arg)
{
	memset(at, 0, n);
}

size_t iov_to_buf(const struct iovec *iov, int iovcnt, size_t offset, void *buf,
		  size_t len)
{
	return iov_walk(iov, iovcnt, offset, len, copy_out, buf);
}

size_t iov_from_buf(const struct iovec *iov, int iovcnt, size_t offset,
		    const void *buf, size_t len)
{
	return iov_walk(iov, iovcnt, offset, len, copy_in, (void *)buf);
}

size_t iov_zero(const struct iovec *iov, int iovcnt, size_t offset, size_t len)
{
	return iov_walk(iov, iovcnt, offset, len, set_zero, NULL);
}

void iov_advance(struct iovec **iov, int *iovcnt, size_t done)
{
	while (*iovcnt && done >= (*iov)->iov_len) {
		done -= (*iov)->iov_len;
		(*iov)++;
		(*iovcnt)--;
	}
	if (done) {
		(*iov)->iov_base = (char *)(*iov)->iov_base + done;
		(*iov)->iov_len -= done;
	}
}

bool buf_is_zero(const void *buf, size_t len)
{
	const unsigned char *p = buf;

	/* sixteen bytes by hand, then the buffer is compared with itself */
	for (size_t i = 0; i < MIN(len, (size_t)16); i++)
		if (p[i])
			return false;
	return len <= 16 || memcmp(p, p + 16, len - 16) == 0;
}
