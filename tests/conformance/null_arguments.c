/* SPDX-License-Identifier: MIT */
/* NULL where an instance, a name or a place for a result belongs. */
#include "tests/conformance/conformance.h"

static void case_create(const struct target *t, const void *arg)
{
	struct blkio *b;

	check_int(blkio_create(NULL, &b), -EINVAL);
	check_int(blkio_create(t->driver, NULL), -EINVAL);
}

static void case_destroy(const struct target *t, const void *arg)
{
	blkio_destroy(NULL);
}

static void case_destroy_twice(const struct target *t, const void *arg)
{
	struct dev d = dev_create(t);

	blkio_destroy(&d.b);
	check(!d.b);
	blkio_destroy(&d.b);
}

static void case_instance(const struct target *t, const void *arg)
{
	check_int(blkio_connect(NULL), -EINVAL);
	check_int(blkio_start(NULL), -EINVAL);
}

static void case_instance_properties(const struct target *t, const void *arg)
{
	char *s = NULL;
	uint64_t u;
	bool flag;
	int i;

	check_int(blkio_get_bool(NULL, "read-only", &flag), -EINVAL);
	check_int(blkio_get_int(NULL, "max-queues", &i), -EINVAL);
	check_int(blkio_get_uint64(NULL, "capacity", &u), -EINVAL);
	check_int(blkio_get_str(NULL, "driver", &s), -EINVAL);
	check_int(blkio_set_bool(NULL, "read-only", true), -EINVAL);
	check_int(blkio_set_int(NULL, "num-queues", 1), -EINVAL);
	check_int(blkio_set_uint64(NULL, "capacity", 1), -EINVAL);
	check_int(blkio_set_str(NULL, "driver", "x"), -EINVAL);
}

static void case_instance_queues(const struct target *t, const void *arg)
{
	check(!blkio_get_queue(NULL, 0));
	check(!blkio_get_poll_queue(NULL, 0));
	check_int(blkio_add_queue(NULL), -EINVAL);
	check_int(blkio_add_poll_queue(NULL), -EINVAL);
	check_int(blkio_remove_queue(NULL, 0), -EINVAL);
	check_int(blkio_remove_poll_queue(NULL, 0), -EINVAL);
}

static void case_instance_regions(const struct target *t, const void *arg)
{
	struct blkio_mem_region r = {.fd = -1};

	check_int(blkio_alloc_mem_region(NULL, &r, 4096), -EINVAL);
	check_int(blkio_map_mem_region(NULL, &r), -EINVAL);
	blkio_unmap_mem_region(NULL, &r);
	blkio_free_mem_region(NULL, &r);
}

static void case_name(const struct target *t, const void *arg)
{
	struct dev d = dev_create(t);
	char *s = NULL;
	int i;

	check_int(blkio_get_int(d.b, NULL, &i), -EINVAL);
	check_int(blkio_get_str(d.b, NULL, &s), -EINVAL);
	check_int(blkio_set_int(d.b, NULL, 1), -EINVAL);
	check_int(blkio_set_str(d.b, NULL, "1"), -EINVAL);
	dev_close(&d);
}

static void case_value(const struct target *t, const void *arg)
{
	struct dev d = dev_create(t);

	check_int(blkio_set_str(d.b, "driver", NULL), -EINVAL);
	check_int(blkio_get_bool(d.b, "read-only", NULL), -EINVAL);
	check_int(blkio_get_int(d.b, "max-queues", NULL), -EINVAL);
	check_int(blkio_get_uint64(d.b, "capacity", NULL), -EINVAL);
	check_int(blkio_get_str(d.b, "driver", NULL), -EINVAL);
	dev_close(&d);
}

static void case_region(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);

	check_int(blkio_alloc_mem_region(d.b, NULL, 4096), -EINVAL);
	check_int(blkio_map_mem_region(d.b, NULL), -EINVAL);
	blkio_unmap_mem_region(d.b, NULL);
	blkio_free_mem_region(d.b, NULL);
	dev_close(&d);
}

void add_null_cases(struct suite *s)
{
	add_case(s, case_create, NULL, "null.create");
	add_case(s, case_destroy, NULL, "null.destroy");
	add_case(s, case_destroy_twice, NULL, "null.destroy-twice");
	add_case(s, case_instance, NULL, "null.instance");
	add_case(s, case_instance_properties, NULL, "null.instance-properties");
	add_case(s, case_instance_queues, NULL, "null.instance-queues");
	add_case(s, case_instance_regions, NULL, "null.instance-regions");
	add_case(s, case_name, NULL, "null.name");
	add_case(s, case_value, NULL, "null.value");
	add_case(s, case_region, NULL, "null.region");
}
