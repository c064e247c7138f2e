/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the io_uring driver share: files and loop devices that
 * go away by themselves, and requests that are waited for one by one.
 * Everything checks: a failure ends the test.
 */
#ifndef TESTS_IOU_TEST_H
#define TESTS_IOU_TEST_H

#include <blkio-ext.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "tests/blkio_check.h"
#include "util/compiler.h"

#define KIB 1024
#define MIB (1024 * 1024)

/* A new file of size bytes, all hole, on the file system of the build;
 * removed at exit. The path is static until the next call but one. */
const char *temp_file(uint64_t size);

/* A loop device over a new file of size bytes; detached when the test has
 * ended. Skips the test where there are none. *backing: the file, or NULL. */
const char *temp_loop(uint64_t size, const char **backing);

/* "file" or "loop", as the test's first argument says */
const char *temp_disk(int argc, char **argv, uint64_t size);

/* path=path, the setting in the environment's TEST_DISK, and then those up to
 * NULL, "name=value" all; connected and started */
struct blkio *open_disk(const char *path, ...) __attribute__((sentinel));

struct blkioq *queue_of(struct blkio *b);

/* The next completion, waited for without bound (the harness has one). */
struct blkio_completion next_completion(struct blkioq *q);

/* The next completion's ret. */
int next_ret(struct blkioq *q);

int do_read(struct blkioq *q, uint64_t start, void *buf, size_t len);
int do_write(struct blkioq *q, uint64_t start, const void *buf, size_t len,
	     uint32_t flags);
int do_write_zeroes(struct blkioq *q, uint64_t start, uint64_t len,
		    uint32_t flags);
int do_discard(struct blkioq *q, uint64_t start, uint64_t len);
int do_flush(struct blkioq *q);
int do_block_status(struct blkioq *q, uint64_t start, uint64_t len,
		    struct blkio_extent *extents, uint32_t max);

uint64_t capacity_of(struct blkio *b);

/* Aligned, zeroed memory. */
void *buffer(size_t len);

/* Bytes that depend on their position in the disk. */
void fill_pattern(void *buf, uint64_t start, size_t len);
bool has_pattern(const void *buf, uint64_t start, size_t len);
bool all_zero(const void *buf, size_t len);

/* Bytes the file takes on disk, and its size. */
uint64_t allocated(const char *path);
uint64_t size_of(const char *path);

/* Is fd readable within timeout_ms? */
bool readable(int fd, int timeout_ms);

/* Read the completion fd; the number it held, 0 when it wasn't readable */
uint64_t drain_fd(int fd);

#endif
