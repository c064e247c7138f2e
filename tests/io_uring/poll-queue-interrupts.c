/* SPDX-License-Identifier: MIT */
/*
 * Completions of a poll queue come by polling: its requests raise no interrupt
 * of the NVMe controller, where another queue's do. Argument: an NVMe disk with
 * kernel poll queues that nobody else uses, or a file on one.
 */
#include "tests/io_uring/iou_test.h"

#include <sys/sysmacros.h>

#define UNIT 4096
#define REQUESTS 200

/* "nvme0q" for whatever is on /dev/nvme0n1 */
static void name_of_queues(const char *path, char *name, size_t size)
{
	char link[64], target[512];
	unsigned controller;
	const char *disk;
	struct stat st;
	dev_t dev;
	ssize_t len;

	check_int(stat(path, &st), 0);
	dev = S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev;
	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", major(dev),
		 minor(dev));
	len = readlink(link, target, sizeof(target) - 1);
	check(len > 0);
	target[len] = '\0';
	disk = strrchr(target, '/');
	check(disk != NULL);
	check_int(sscanf(disk, "/nvme%un", &controller), 1);
	snprintf(name, size, " nvme%uq", controller);
}

/* Interrupts of the controller's I/O queues so far; queue 0 is for control. */
static unsigned long interrupts(const char *queues)
{
	FILE *f = fopen("/proc/interrupts", "re");
	unsigned long sum = 0, lines = 0, nr;
	char line[4096];

	check(f != NULL);
	while (fgets(line, sizeof(line), f)) {
		const char *name = strstr(line, queues);
		char *at = strchr(line, ':'), *end;

		if (!name || atoi(name + strlen(queues)) == 0)
			continue;
		check(at != NULL);
		lines++;
		/* a column for each processor */
		for (at++; nr = strtoul(at, &end, 10), end != at; at = end)
			sum += nr;
	}
	fclose(f);
	check(lines > 0);
	return sum;
}

/* Interrupts while q writes, or reads. */
static unsigned long raised(struct blkioq *q, const char *queues, bool write)
{
	unsigned long before = interrupts(queues);
	char *buf = buffer(UNIT);

	for (uint64_t at = 0; at < REQUESTS * UNIT; at += UNIT)
		check_int(write ? do_write(q, at, buf, UNIT, 0) :
				  do_read(q, at, buf, UNIT), 0);
	free(buf);
	return interrupts(queues) - before;
}

static void check_difference(struct blkio *b, const char *queues, bool write)
{
	unsigned long polled, other;

	other = raised(queue_of(b), queues, write);
	polled = raised(blkio_get_poll_queue(b, 0), queues, write);
	printf("%d %s: %lu interrupts, polled %lu\n", REQUESTS,
	       write ? "writes" : "reads", other, polled);
	check(other >= REQUESTS / 2);
	check_int(polled, 0);
}

int main(int argc, char **argv)
{
	char queues[32];
	struct blkio *b;
	bool file;

	check_int(argc, 2);
	name_of_queues(argv[1], queues, sizeof(queues));
	b = open_disk(argv[1], "direct=true", "num-poll-queues=1", NULL);
	check_ok(blkio_get_bool(b, "can-grow", &file));
	/* the file gets its blocks, and its file system is done with that */
	raised(queue_of(b), queues, true);
	sync();
	/* the kernel does not poll for writes of an ext4 file (6.12) */
	if (!file)
		check_difference(b, queues, true);
	check_difference(b, queues, false);
	blkio_destroy(&b);
	return 0;
}
