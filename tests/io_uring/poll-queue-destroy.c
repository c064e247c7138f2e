/* SPDX-License-Identifier: MIT */
/*
 * An instance whose poll queue has requests in flight goes away when they have
 * ended, and nothing writes to memory afterwards. Argument: a slow disk that
 * polls.
 */
#include "tests/io_uring/iou_test.h"

#include "util/clock.h"

/* less than a second's work for the disk */
#define REQUESTS 12
#define UNIT 4096
#define STRIDE (2 * UNIT) /* on the disk, lest the kernel merges requests */
#define MARK 0xa5

/* Once the disk, which is first come first served, has done another's. */
static void wait_for_disk(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);
	char *buf = buffer(UNIT);

	check(fd >= 0);
	check_int(pread(fd, buf, UNIT, 0), UNIT);
	close(fd);
	free(buf);
}

int main(int argc, char **argv)
{
	size_t len = (size_t)REQUESTS * UNIT;
	char *buf = buffer(len);

	check_int(argc, 2);
	/* handed over, or not even that */
	for (int handed = 0; handed < 2; handed++) {
		struct blkio *b = open_disk(argv[1], "direct=true",
					    "num-poll-queues=1", NULL);
		struct blkioq *q = blkio_get_poll_queue(b, 0);
		int64_t began = clock_now_ns();

		for (int i = 0; i < REQUESTS; i++)
			blkioq_read(q, (uint64_t)i * STRIDE, buf + i * UNIT,
				    UNIT, NULL, 0);
		if (handed)
			check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
		blkio_destroy(&b);
		check(clock_now_ns() - began < 5 * NS_PER_SEC);
		memset(buf, MARK, len);
		wait_for_disk(argv[1]);
		for (size_t i = 0; i < len; i++)
			check_int((uint8_t)buf[i], MARK);
	}
	free(buf);
	return 0;
}
