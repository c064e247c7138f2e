/* SPDX-License-Identifier: MIT */
/* The list of an instance's properties is sorted and complete for every
 * driver, and never longer than asked for. */
#include "tests/libblkio/blkio_test.h"

#define ROOM 128

static void check_driver(const char *driver)
{
	struct blkio_property all[ROOM], some[ROOM] = {0};
	struct blkio *b = test_create(driver, "");
	int nr = blkio_list_properties(b, all, ROOM);
	char *name;

	check(nr > 20 && nr < ROOM);
	for (int i = 1; i < nr; i++)
		check(strcmp(all[i - 1].name, all[i].name) < 0);
	check_int(blkio_list_properties(b, some, 3), nr);
	for (int i = 0; i < 3; i++)
		check_str(some[i].name, all[i].name);
	check(!some[3].name);
	check_int(blkio_list_properties(b, NULL, 0), nr);
	check_int(blkio_list_properties(b, NULL, -1), nr);
	check_int(blkio_list_properties(b, NULL, 1), -EINVAL);

	check_ok(blkio_get_str(b, "driver", &name));
	check_str(name, driver);
	free(name);
	blkio_destroy(&b);
}

int main(void)
{
	const char *const *names;
	int nr = blkio_list_drivers(&names);

	check(nr >= 2);
	for (int i = 0; i < nr; i++) {
		check(i == 0 || strcmp(names[i - 1], names[i]) < 0);
		check_driver(names[i]);
	}
	return 0;
}
