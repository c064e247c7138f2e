/* SPDX-License-Identifier: MIT */
/*
 * What every verb of the command shares: its description, the reading of
 * options, and the one way to fail.
 *
 * A verb describes itself with a table; --help, getopt_long(3) and shell
 * completion are all fed from it. Exit codes: 0 done, 1 failed, 2 called
 * wrongly. A failure is told in exactly one line on stderr,
 * "sluice VERB: TEXT".
 *
 * Threads: main thread only (getopt's state is the process's).
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"

#define EXIT_USAGE 2

struct cli_option {
	const char *name; /* without the dashes; NULL ends a table */
	char letter;	  /* short form, or 0 */
	const char *arg;  /* what its argument is called; NULL: takes none */
	const char *help; /* further lines follow a newline */
};

struct cli_verb {
	const char *name;
	const char *operands; /* as in the synopsis: "DISK..." */
	const char *summary;  /* one line, no full stop */
	const char *details;  /* paragraphs for --help, or "" */
	const char *examples; /* whole lines */
	const struct cli_option *options;
	/* argv[0] is the verb's name. Returns the exit code. */
	int (*run)(const struct cli_verb *verb, int argc, char **argv);
};

extern const struct cli_verb verb_serve, verb_info, verb_copy, verb_bench;

/* One line on stderr; return EXIT_FAILURE or EXIT_USAGE to be passed on.
 * Control characters, which names may hold, are shown as '?'. */
int cli_fail(const struct cli_verb *verb, const struct err *err);
int cli_usage(const struct cli_verb *verb, const char *fmt, ...)
	PRINTF_LIKE(2, 3);

/* --help of a verb, on stdout */
void cli_help(const struct cli_verb *verb);

/* ---- options ---- */

/*
 * for (const char *opt; (opt = cli_option_next(&args)); )
 *         if (!strcmp(opt, "threads")) ... args.value ...
 * if (args.status >= 0)
 *         return args.status;
 *
 * --help is served here: the loop ends with status EXIT_SUCCESS.
 */
struct cli_args {
	const struct cli_verb *verb;
	int argc; /* after the loop: the operands */
	char **argv;
	const char *value; /* of the option at hand, or NULL */
	int status;	   /* >= 0: end with this exit code */
};

void cli_args_init(struct cli_args *args, const struct cli_verb *verb, int argc,
		   char **argv);

/* The long name of the next option; NULL: no more, look at status. */
const char *cli_option_next(struct cli_args *args);

/*
 * The value of option name as a number in [min, max], or as a size in bytes.
 * A bad one is told, status set, and false returned.
 */
bool cli_option_number(struct cli_args *args, const char *name, uint64_t min,
		       uint64_t max, unsigned *number);
bool cli_option_size(struct cli_args *args, const char *name, uint64_t min,
		     uint64_t max, uint64_t *bytes);

/* Seconds, fractions allowed, in (0, max_s]. */
bool cli_option_seconds(struct cli_args *args, const char *name, double max_s,
			int64_t *ns);

/* False, told and status set, unless there are min to max operands. */
bool cli_operands(struct cli_args *args, int min, int max);

#endif
