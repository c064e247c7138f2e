/* SPDX-License-Identifier: MIT */
/* Creating and destroying: what is refused, and what is a harmless no-op. */
#include "tests/libblkio/blkio_test.h"

int main(void)
{
	struct blkio *b = (struct blkio *)&b;
	struct blkio_mem_region r = {0};
	int i = 7;

	check_fails(blkio_create("no-such", &b), ENOENT, "Unknown driver name");
	check(!b);
	check_fails(blkio_create(NULL, &b), EINVAL, "Invalid driver name");
	check_fails(blkio_create("null", NULL), EINVAL, "bp must be non-NULL");
	check_fails(blkio_create("", &b), ENOENT, "Unknown driver name");

	blkio_destroy(NULL);
	blkio_destroy(&b);
	check_ok(blkio_create("null", &b));
	blkio_destroy(&b);
	check(!b);
	blkio_destroy(&b);

	/* no instance */
	check_fails(blkio_connect(NULL), EINVAL, "must be non-NULL");
	check_fails(blkio_start(NULL), EINVAL, "must be non-NULL");
	check_fails(blkio_get_int(NULL, "fd", &i), EINVAL, "non-NULL");
	check_int(i, 0);
	check_fails(blkio_map_mem_region(NULL, &r), EINVAL, "non-NULL");
	blkio_unmap_mem_region(NULL, &r);
	blkio_free_mem_region(NULL, &r);
	check(!blkio_get_queue(NULL, 0));

	/* no place for the result, no name, no value */
	check_ok(blkio_create("null", &b));
	check_fails(blkio_get_int(b, "num-queues", NULL), EINVAL, "non-NULL");
	check_fails(blkio_get_str(b, "driver", NULL), EINVAL, "non-NULL");
	check_fails(blkio_get_int(b, NULL, &i), EINVAL, "Invalid property");
	check_fails(blkio_set_str(b, "size", NULL), EINVAL, "Invalid value");
	check_fails(blkio_alloc_mem_region(b, NULL, 1), EINVAL, "non-NULL");
	check_fails(blkio_map_mem_region(b, NULL), EINVAL, "non-NULL");
	blkio_unmap_mem_region(b, NULL);
	blkio_free_mem_region(b, NULL);
	blkio_destroy(&b);
	return 0;
}
