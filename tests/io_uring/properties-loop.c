/* SPDX-License-Identifier: MIT */
/*
 * The properties of a block device: its size, its alignment with and without
 * O_DIRECT, its discard granularity.
 */
#include "tests/io_uring/iou_test.h"

#include <sys/sysmacros.h>

static int get_int(struct blkio *b, const char *name)
{
	int value;

	check_ok(blkio_get_int(b, name, &value));
	return value;
}

static int from_sysfs(const char *path, const char *name)
{
	struct stat st;
	char file[128];
	FILE *f;
	int n;

	check_int(stat(path, &st), 0);
	snprintf(file, sizeof(file), "/sys/dev/block/%u:%u/queue/%s",
		 major(st.st_rdev), minor(st.st_rdev), name);
	f = fopen(file, "r");
	if (!f)
		check_skip("no sysfs");
	check_int(fscanf(f, "%d", &n), 1);
	fclose(f);
	return n;
}

int main(void)
{
	const char *path = temp_loop(MIB, NULL);

	for (int direct = 0; direct < 2; direct++) {
		struct blkio *b = open_disk(path, direct ? "direct=true" :
					    "direct=false", NULL);
		int align = direct ? from_sysfs(path, "logical_block_size") : 1;
		bool can_grow;

		check_int(capacity_of(b), MIB);
		check_ok(blkio_get_bool(b, "can-grow", &can_grow));
		check(!can_grow);
		check_int(get_int(b, "request-alignment"), align);
		check_int(get_int(b, "buf-alignment"), align);
		check_int(get_int(b, "optimal-io-alignment"),
			  from_sysfs(path, "physical_block_size"));
		check_int(get_int(b, "optimal-io-size"),
			  from_sysfs(path, "optimal_io_size"));
		check_int(get_int(b, "discard-alignment"),
			  from_sysfs(path, "discard_granularity"));
		check_int(get_int(b, "discard-alignment-offset"), 0);
		blkio_destroy(&b);
	}
	return 0;
}
