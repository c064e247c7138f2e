/* SPDX-License-Identifier: MIT */
/* Disk texts: key=value, JSON and plain paths become the same options. */
#include "tests/block/node_test.h"

static struct options *parse(const char *text)
{
	struct err err = ERR_INIT;
	struct options *opts;

	if (options_parse(text, &opts, &err) < 0)
		fprintf(stderr, "%s: %s\n", text, err.text);
	check(opts);
	return opts;
}

static void refused(const char *text, const char *why)
{
	struct err err = ERR_INIT;
	struct options *opts;

	check_int(options_parse(text, &opts, &err), -EINVAL);
	check(!opts);
	check_contains(err.text, why);
}

int main(void)
{
	struct err err = ERR_INIT;
	struct options *opts;
	uint64_t size = 7;
	bool on = false;

	opts = parse("driver=ram,size=64K,node-name=a,,b,read-only=on");
	check_str(options_take(opts, "driver"), "ram");
	check_str(options_take(opts, "node-name"), "a,b");
	check_int(options_take_size(opts, "size", &size, &err), 1);
	check_int(size, 65536);
	check_int(options_check_unused(opts, "ram", &err), -EINVAL);
	check_contains(err.text, "'read-only'");
	check_int(options_take_bool(opts, "read-only", &on, &err), 1);
	check(on);
	check_int(options_check_unused(opts, "ram", &err), 0);
	check(!options_take(opts, "absent"));
	check_int(options_take_size(opts, "absent", &size, &err), 0);
	check_int(size, 65536);
	options_free(opts);

	opts = parse("{\"driver\":\"io_uring\",\"cache\":{\"direct\":true},"
		     "\"n\":-12}");
	check_str(options_take(opts, "cache.direct"), "on");
	check_str(options_take(opts, "n"), "-12");
	options_free(opts);

	opts = parse("/tmp/with=sign,and comma");
	check_str(options_take(opts, "driver"), "io_uring");
	check_str(options_take(opts, "filename"), "/tmp/with=sign,and comma");
	options_free(opts);

	opts = parse("driver=ram,size=zebra,flag=maybe");
	check_int(options_take_size(opts, "size", &size, &err), -EINVAL);
	check_contains(err.text, "'size'");
	check_int(options_take_bool(opts, "flag", &on, &err), -EINVAL);
	check_contains(err.text, "'flag'");
	options_free(opts);

	refused("", "empty");
	refused("driver=ram,size=1,size=2", "'size' is given twice");
	refused("driver=ram,oops", "'oops'");
	refused("{\"driver\":", "JSON");
	refused("{\"driver\":[1]}", "'driver'");
	refused("{\"a\":1.5}", "'a'");
	refused("{\"a\":1,\"a\":2}", "duplicate");
	return 0;
}
