/* SPDX-License-Identifier: MIT */
/*
 * sluice info: what a device says about itself, property by property.
 *
 * The device is connected, and started for the question after its serial
 * number; nothing is read from it or written to it. A property that can't be
 * read in this state is shown as unknown (null in JSON), not left out.
 *
 * Threads: main only.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block/instance.h"
#include "cli/cli.h"
#include "cli/disk.h"
#include "cli/output.h"

#define SERIAL_TIMEOUT_S 5

static const struct cli_option options[] = {
	{"json", 'j', NULL, "print a JSON object"},
	{0},
};

/* Numeric properties that are more than a count. */
static const struct {
	const char *name;
	bool bytes;
	const char *zero; /* what 0 means; NULL: just 0 */
} meanings[] = {
	{"buf-alignment", true, NULL},
	{"capacity", true, NULL},
	{"discard-alignment", true, NULL},
	{"discard-alignment-offset", true, NULL},
	{"max-discard-len", true, "no limit"},
	{"max-segment-len", true, "no limit"},
	{"max-transfer", true, "no limit"},
	{"max-write-zeroes-len", true, "no limit"},
	{"mem-region-alignment", true, NULL},
	{"optimal-buf-alignment", true, NULL},
	{"optimal-io-alignment", true, NULL},
	{"optimal-io-size", true, "not known"},
	{"request-alignment", true, NULL},
	{"size", true, NULL},
};

/* The value for JSON; JSON null when it can't be read. */
static json_t *value_json(struct blkio *b, const struct blkio_property *p)
{
	char *text = NULL;
	json_t *json;
	uint64_t u;
	bool flag;
	int i;

	if (p->type == BLKIO_PROPERTY_BOOL &&
	    blkio_get_bool(b, p->name, &flag) == 0)
		return json_boolean(flag);
	if (p->type == BLKIO_PROPERTY_INT && blkio_get_int(b, p->name, &i) == 0)
		return json_integer(i);
	if (p->type == BLKIO_PROPERTY_UINT64 &&
	    blkio_get_uint64(b, p->name, &u) == 0)
		return json_uint64(u);
	if (p->type != BLKIO_PROPERTY_STR ||
	    blkio_get_str(b, p->name, &text) < 0)
		return json_null();
	json = json_text(text);
	free(text);
	return json;
}

static json_t *properties_json(struct blkio *b,
			       const struct blkio_property *properties, int nr)
{
	json_t *object = json_object();

	for (int i = 0; object && i < nr; i++)
		if (json_object_set_new(object, properties[i].name,
					value_json(b, &properties[i])) < 0) {
			json_decref(object);
			object = NULL;
		}
	return object;
}

static void bytes_print(uint64_t bytes)
{
	char text[SIZE_TEXT_LEN];

	if (bytes < 1024)
		printf("%" PRIu64, bytes);
	else
		printf("%" PRIu64 " (%s)", bytes, size_format(bytes, text));
}

static void number_print(const char *name, uint64_t value, uint64_t max)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(meanings) && strcmp(meanings[i].name, name) != 0)
		i++;
	if (i == ARRAY_SIZE(meanings) && value == max)
		printf("no limit");
	else if (i == ARRAY_SIZE(meanings))
		printf("%" PRIu64, value);
	else if (value == 0 && meanings[i].zero)
		printf("0 (%s)", meanings[i].zero);
	else
		bytes_print(value);
}

static void property_print(struct blkio *b, const struct blkio_property *p)
{
	char *text = NULL;
	uint64_t u;
	int i;

	printf("%c %-26s ", p->settable ? '*' : ' ', p->name);
	if (p->type == BLKIO_PROPERTY_UINT64 &&
	    blkio_get_uint64(b, p->name, &u) == 0)
		number_print(p->name, u, UINT64_MAX);
	else if (p->type == BLKIO_PROPERTY_INT &&
		 blkio_get_int(b, p->name, &i) == 0 && i >= 0)
		number_print(p->name, (uint64_t)i, INT_MAX);
	else if (blkio_get_str(b, p->name, &text) < 0)
		printf("unknown");
	else
		printf("%s", *text ? text : "\"\"");
	putchar('\n');
	free(text);
}

/*
 * "" where the device has none to tell. It lets no queue be started, or does
 * not answer: no reason to show nothing else. id stays with b.
 */
static void ask_serial(struct blkio *b, char id[BLKIO_ID_LEN])
{
	struct timespec timeout = {.tv_sec = SERIAL_TIMEOUT_S};
	struct blkio_completion completion;
	struct blkioq *q = NULL;

	*id = '\0';
	if (blkio_start(b) == 0)
		q = blkio_get_queue(b, 0);
	if (!q)
		return;
	blkioq_get_id(q, id, NULL, 0);
	blkioq_do_io(q, &completion, 1, 1, &timeout);
	/* any bytes; a terminal would obey some */
	for (char *c = id; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

static int print_json(struct blkio *b, const char *disk, uint64_t size,
		      const char *serial,
		      const struct blkio_property *properties, int nr)
{
	return json_print(
		json_pack("{s:o, s:o, s:o, s:o}", "disk", json_text(disk),
			  "size", json_uint64(size), "serial",
			  *serial ? json_text(serial) : json_null(),
			  "properties", properties_json(b, properties, nr)));
}

static int print(struct blkio *b, const char *disk, const char *serial,
		 bool json, struct err *err)
{
	struct blkio_property *properties;
	uint64_t size;
	int nr, ret;

	ret = blkio_get_uint64(b, "capacity", &size);
	if (ret < 0)
		return instance_error("reading the size", ret, err);
	properties = instance_properties(b, &nr);
	if (properties && json) {
		ret = print_json(b, disk, size, serial, properties, nr);
	} else if (properties) {
		printf("%s\n  %-26s ", disk, "size");
		number_print("size", size, 0);
		if (*serial)
			printf("\n  %-26s %s", "serial", serial);
		printf("\n\n* can be set by an option, NAME=VALUE\n\n");
		for (int i = 0; i < nr; i++)
			property_print(b, &properties[i]);
	}
	if (!properties || ret < 0)
		ret = err_set(err, ENOMEM, "no memory for the properties");
	free(properties);
	return ret;
}

static int info(const char *disk, bool json, struct err *err)
{
	char serial[BLKIO_ID_LEN];
	struct options *opts;
	struct blkio *b;
	int ret;

	ret = disk_options(disk, true, &opts, err);
	if (ret < 0)
		return ret;
	ret = instance_connect(opts, &b, err);
	if (ret < 0) {
		disk_failed(disk, ret, err);
	} else {
		ask_serial(b, serial);
		ret = print(b, disk, serial, json, err);
		blkio_destroy(&b);
	}
	options_free(opts);
	return ret;
}

static int run(const struct cli_verb *verb, int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct cli_args args;
	bool json = false;

	cli_args_init(&args, verb, argc, argv);
	while (cli_option_next(&args))
		json = true;
	if (args.status >= 0 || !cli_operands(&args, 1, 1))
		return args.status;
	if (info(args.argv[0], json, &err) < 0)
		return cli_fail(verb, &err);
	return EXIT_SUCCESS;
}

static const char details[] =
	"The disk is opened read-only, and nothing is read from it or\n"
	"written to it. Properties are those of libblkio; sizes are in\n"
	"bytes.\n";

static const char examples[] =
	"  sluice info disk.img\n"
	"  sluice info --json driver=io_uring,path=/dev/sda,cache.direct=on\n";

const struct cli_verb verb_info = {
	.name = "info",
	.operands = "DISK",
	.summary = "show the size and all properties of a disk",
	.details = details,
	.examples = examples,
	.options = options,
	.run = run,
};
