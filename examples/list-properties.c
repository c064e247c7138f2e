/* SPDX-License-Identifier: MIT */
/*
 * list-properties [DRIVER [NAME=VALUE...]] - list the drivers, or the
 * properties of one: name, type, when it can be read, when set, and its value
 * now. With properties given, these are set and the device is connected to.
 *
 *	cc -o list-properties list-properties.c \
 *	   $(pkg-config --cflags --libs blkio)
 *
 * Uses <blkio-ext.h>, which only this libblkio has.
 */
#include <blkio-ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what)
{
	fprintf(stderr, "list-properties: %s: %s\n", what,
		blkio_get_error_msg());
	return -1;
}

static int list_drivers(void)
{
	const char *const *names;
	int n = blkio_list_drivers(&names);

	for (int i = 0; i < n; i++)
		puts(names[i]);
	return 0;
}

static void print_states(uint32_t states)
{
	printf(" %c%c%c", states & BLKIO_STATE_CREATED ? 'c' : '-',
	       states & BLKIO_STATE_CONNECTED ? 'n' : '-',
	       states & BLKIO_STATE_STARTED ? 's' : '-');
}

/* A value that can't be read before the device is connected is a '?'. */
static int print_property(struct blkio *b, const struct blkio_property *p,
			  bool connected)
{
	static const char *const types[] = {
		[BLKIO_PROPERTY_BOOL] = "bool",
		[BLKIO_PROPERTY_INT] = "int",
		[BLKIO_PROPERTY_UINT64] = "uint64",
		[BLKIO_PROPERTY_STR] = "str",
	};
	uint32_t now = connected ? BLKIO_STATE_CONNECTED : BLKIO_STATE_CREATED;
	char *value = NULL;

	if (p->readable & now && blkio_get_str(b, p->name, &value) < 0)
		return fail(p->name);
	printf("%-24s %-6s", p->name, types[p->type]);
	print_states(p->readable);
	print_states(p->settable);
	printf(" %s\n", value ? value : "?");
	free(value);
	return 0;
}

static int list_properties(struct blkio *b, bool connected)
{
	int n = blkio_list_properties(b, NULL, 0), ret = 0;
	struct blkio_property *list = calloc(n, sizeof(*list));

	if (!list) {
		perror("list-properties");
		return -1;
	}
	blkio_list_properties(b, list, n);
	for (int i = 0; i < n && ret == 0; i++)
		ret = print_property(b, &list[i], connected);
	free(list);
	return ret;
}

/* NAME=VALUE, which is taken apart */
static int set_property(struct blkio *b, char *text)
{
	char *value = strchr(text, '=');

	if (!value) {
		fprintf(stderr, "list-properties: %s: no NAME=VALUE\n", text);
		return -1;
	}
	*value++ = '\0';
	return blkio_set_str(b, text, value) < 0 ? fail(text) : 0;
}

int main(int argc, char **argv)
{
	struct blkio *b;
	int ret = 0;

	if (argc == 1)
		return list_drivers();
	if (blkio_create(argv[1], &b) < 0)
		return fail(argv[1]) < 0;
	for (int i = 2; i < argc && ret == 0; i++)
		ret = set_property(b, argv[i]);
	if (ret == 0 && argc > 2 && blkio_connect(b) < 0)
		ret = fail("connect");
	if (ret == 0)
		ret = list_properties(b, argc > 2);
	blkio_destroy(&b);
	return ret < 0;
}
