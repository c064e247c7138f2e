/* SPDX-License-Identifier: MIT */
/*
 * Reading a verb's options and telling what is wrong: see cli.h.
 *
 * getopt_long(3) does the parsing; its tables are made from the verb's, its
 * own messages are off, because a failure here is one line that names the
 * verb and the option. Every long option returns OPT_BASE + its index, so
 * that optopt tells a known long option from a short one.
 */
#include "cli/cli.h"

#include <assert.h>
#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/clock.h"
#include "util/size.h"

#define MAX_OPTIONS 24
#define OPT_BASE 256

static const struct cli_option help_option = {
	.name = "help", .letter = 'h', .help = "show this text"};

/* ---- the one line on stderr ---- */

static void print_line(const struct cli_verb *verb, const char *text)
{
	char line[1024];

	snprintf(line, sizeof(line), "sluice %s: %s", verb->name, text);
	for (char *p = line; *p; p++)
		if (iscntrl((unsigned char)*p))
			*p = '?';
	fprintf(stderr, "%s\n", line);
}

int cli_fail(const struct cli_verb *verb, const struct err *err)
{
	print_line(verb, err->text);
	return EXIT_FAILURE;
}

int cli_usage(const struct cli_verb *verb, const char *fmt, ...)
{
	char text[512], hint[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text) - sizeof(hint), fmt, ap);
	va_end(ap);
	snprintf(hint, sizeof(hint), " (see 'sluice %s --help')", verb->name);
	strcat(text, hint);
	print_line(verb, text);
	return EXIT_USAGE;
}

/* ---- help ---- */

static void help_print_option(const struct cli_option *o)
{
	char left[64];
	int n;

	n = o->letter ? snprintf(left, sizeof(left), "  -%c, ", o->letter)
		      : snprintf(left, sizeof(left), "      ");
	snprintf(left + n, sizeof(left) - (size_t)n, "--%s%s%s", o->name,
		 o->arg ? " " : "", o->arg ? o->arg : "");
	for (const char *line = o->help; line;) {
		size_t len = strcspn(line, "\n");

		printf("%-28s%s%.*s\n", left, strlen(left) > 27 ? " " : "",
		       (int)len, line);
		left[0] = '\0';
		line = line[len] ? line + len + 1 : NULL;
	}
}

void cli_help(const struct cli_verb *verb)
{
	printf("Usage: sluice %s [OPTIONS] %s\n\n", verb->name, verb->operands);
	printf("%c%s.\n%s%s\nOptions:\n",
	       toupper((unsigned char)*verb->summary), verb->summary + 1,
	       *verb->details ? "\n" : "", verb->details);
	for (const struct cli_option *o = verb->options; o->name; o++)
		help_print_option(o);
	help_print_option(&help_option);
	printf("\nExamples:\n%s\nDetails: man sluice-%s\n", verb->examples,
	       verb->name);
}

/* ---- options ---- */

void cli_args_init(struct cli_args *args, const struct cli_verb *verb, int argc,
		   char **argv)
{
	*args = (struct cli_args){
		.verb = verb,
		.argc = argc,
		.argv = argv,
		.status = -1,
	};
	opterr = 0;
	optind = 0;
}

/* Fill getopt's two tables from the verb's and the help option. */
static void tables_fill(const struct cli_verb *verb, struct option *longs,
			char *shorts)
{
	int n = 0;

	*shorts++ = ':';
	for (const struct cli_option *o = verb->options;; o++, n++) {
		const struct cli_option *from = o->name ? o : &help_option;

		assert(n < MAX_OPTIONS);
		longs[n] = (struct option){
			.name = from->name,
			.has_arg = from->arg ? required_argument : no_argument,
			.val = OPT_BASE + n,
		};
		if (from->letter)
			*shorts++ = from->letter;
		if (from->letter && from->arg)
			*shorts++ = ':';
		if (!o->name)
			break;
	}
	longs[n + 1] = (struct option){0};
	*shorts = '\0';
}

/* What the table says about a value that getopt_long() gave, or NULL. */
static const struct cli_option *option_find(const struct cli_verb *verb,
					    int val)
{
	const struct cli_option *o;
	int n = 0;

	for (o = verb->options; o->name; o++, n++)
		if (val == OPT_BASE + n || (o->letter && val == o->letter))
			return o;
	return val == OPT_BASE + n || val == 'h' ? &help_option : NULL;
}

/* A long option that getopt_long() refused: what is it, without =VALUE? */
static int bad_long_option(const struct cli_args *args, const char *arg)
{
	int len = (int)strcspn(arg, "=");

	/* were it the beginning of one option only, it would have been taken */
	for (const struct cli_option *o = args->verb->options; o->name; o++)
		if (strncmp(o->name, arg + 2, (size_t)len - 2) == 0)
			return cli_usage(args->verb,
					 "option '%.*s' may mean several", len,
					 arg);
	return cli_usage(args->verb, "unknown option '%.*s'", len, arg);
}

static int bad_option(const struct cli_args *args, int val)
{
	const struct cli_option *o = option_find(args->verb, optopt);

	if (val == ':')
		return cli_usage(args->verb,
				 "option --%s needs an argument: %s", o->name,
				 o->arg);
	if (optopt >= OPT_BASE)
		return cli_usage(args->verb, "option --%s takes no argument",
				 o->name);
	if (optopt)
		return cli_usage(args->verb, "unknown option '-%c'", optopt);
	return bad_long_option(args, args->argv[optind - 1]);
}

const char *cli_option_next(struct cli_args *args)
{
	struct option longs[MAX_OPTIONS + 2];
	char shorts[2 * MAX_OPTIONS + 4];
	const struct cli_option *o;
	int val;

	if (args->status >= 0)
		return NULL;
	tables_fill(args->verb, longs, shorts);
	val = getopt_long(args->argc, args->argv, shorts, longs, NULL);
	if (val == -1) {
		args->argc -= optind;
		args->argv += optind;
		return NULL;
	}
	o = option_find(args->verb, val);
	if (!o) {
		args->status = bad_option(args, val);
		return NULL;
	}
	if (o == &help_option) {
		cli_help(args->verb);
		args->status = EXIT_SUCCESS;
		return NULL;
	}
	args->value = optarg;
	return o->name;
}

bool cli_option_number(struct cli_args *args, const char *name, uint64_t min,
		       uint64_t max, unsigned *number)
{
	uint64_t v;

	if (number_parse(args->value, max, &v) == 0 && v >= min) {
		*number = (unsigned)v;
		return true;
	}
	args->status = cli_usage(
		args->verb, "--%s is '%s', wanted a number from %llu to %llu",
		name, args->value, (unsigned long long)min,
		(unsigned long long)max);
	return false;
}

bool cli_option_size(struct cli_args *args, const char *name, uint64_t min,
		     uint64_t max, uint64_t *bytes)
{
	char a[SIZE_TEXT_LEN], b[SIZE_TEXT_LEN];
	uint64_t v;

	if (size_parse(args->value, &v) == 0 && v >= min && v <= max) {
		*bytes = v;
		return true;
	}
	args->status = cli_usage(
		args->verb, "--%s is '%s', wanted a size from %s to %s", name,
		args->value, size_format(min, a), size_format(max, b));
	return false;
}

bool cli_option_seconds(struct cli_args *args, const char *name, double max_s,
			int64_t *ns)
{
	char *end;
	double v = strtod(args->value, &end);

	if (end != args->value && !*end && v > 0 && v <= max_s) {
		*ns = (int64_t)(v * (double)NS_PER_SEC);
		return true;
	}
	args->status = cli_usage(args->verb,
				 "--%s is '%s', wanted seconds, at most %.0f",
				 name, args->value, max_s);
	return false;
}

bool cli_operands(struct cli_args *args, int min, int max)
{
	if (args->argc < min)
		args->status = cli_usage(args->verb, "wanted %s",
					 args->verb->operands);
	else if (args->argc > max)
		args->status =
			cli_usage(args->verb, "'%s' is one too many: wanted %s",
				  args->argv[max], args->verb->operands);
	return args->status < 0;
}
