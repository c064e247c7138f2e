/* SPDX-License-Identifier: MIT */
/*
 * sluice: finds the verb and runs it. Each verb is in its own file.
 *
 * Failure modes: an unknown verb is a usage error that names the nearest
 * one; output that can't be written (a full disk, say) fails the command
 * even when the verb itself went well.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static const struct cli_verb *const verbs[] = {
	&verb_serve,
	&verb_info,
	&verb_copy,
	&verb_bench,
};

static const struct cli_verb *verb_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	return NULL;
}

/* Edits (insert, delete, replace a letter) that turn a into b. */
static int edit_distance(const char *a, const char *b)
{
	int row[16];
	int nb = (int)strlen(b);

	for (int j = 0; j <= nb; j++)
		row[j] = j;
	for (int i = 1; a[i - 1]; i++) {
		int diagonal = row[0];

		row[0] = i;
		for (int j = 1; j <= nb; j++) {
			int replace = diagonal + (a[i - 1] != b[j - 1]);
			int insert = row[j - 1] + 1;

			diagonal = row[j];
			row[j] = MIN(row[j] + 1, insert);
			row[j] = MIN(row[j], replace);
		}
	}
	return row[nb];
}

/* The verb somebody may have meant, or NULL. */
static const struct cli_verb *verb_guess(const char *name)
{
	const struct cli_verb *best = NULL;
	int best_distance = 3; /* two edits are a slip, three another word */

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		int d = edit_distance(name, verbs[i]->name);

		if (d < best_distance) {
			best_distance = d;
			best = verbs[i];
		}
	}
	return best;
}

static int unknown_verb(const char *name)
{
	const struct cli_verb *guess = verb_guess(name);

	for (const char *p = name; *p; p++)
		if (iscntrl((unsigned char)*p))
			name = "?";
	if (guess)
		fprintf(stderr, "sluice: no verb '%.64s': did you mean '%s'?\n",
			name, guess->name);
	else
		fprintf(stderr, "sluice: %s '%.64s' (see 'sluice --help')\n",
			*name == '-' ? "unknown option" : "no verb", name);
	return EXIT_USAGE;
}

static int general_help(void)
{
	printf("Usage: sluice VERB [OPTIONS] ...\n\n"
	       "Serves, copies, measures and describes disks.\n\nVerbs:\n");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		printf("  %-8s %s\n", verbs[i]->name, verbs[i]->summary);
	printf("  %-8s show the help of a verb\n", "help");
	printf("\nDISK is the path of a file or block device, or options of a\n"
	       "driver (driver=io_uring,path=FILE,cache.direct=on), or the "
	       "same\n"
	       "as JSON.\n\n"
	       "  sluice VERB --help    options and examples\n"
	       "  sluice --version      the version\n");
	return EXIT_SUCCESS;
}

static int help(int argc, char **argv)
{
	const struct cli_verb *verb;

	if (argc < 2 || strcmp(argv[1], "help") == 0)
		return general_help();
	verb = verb_find(argv[1]);
	if (!verb)
		return unknown_verb(argv[1]);
	cli_help(verb);
	return EXIT_SUCCESS;
}

static int dispatch(int argc, char **argv)
{
	const struct cli_verb *verb;

	if (argc < 2) {
		fprintf(stderr,
			"sluice: wanted a verb (see 'sluice --help')\n");
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		printf("sluice %s (libblkio API %s)\n", SLUICE_VERSION,
		       BLKIO_API_VERSION);
		return EXIT_SUCCESS;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return general_help();
	if (strcmp(argv[1], "help") == 0)
		return help(argc - 1, argv + 1);
	verb = verb_find(argv[1]);
	if (!verb)
		return unknown_verb(argv[1]);
	return verb->run(verb, argc - 1, argv + 1);
}

/*
 * Have 0, 1 and 2 open, so that no disk or socket is taken for them. Read
 * only: writing to one that was closed must go on to fail.
 */
static void standard_fds_fill(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	close(fd);
}

int main(int argc, char **argv)
{
	int status;

	standard_fds_fill();
	/* a file that grows beyond RLIMIT_FSIZE is an error like any other */
	signal(SIGXFSZ, SIG_IGN);
	status = dispatch(argc, argv);
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == EXIT_SUCCESS) {
		fprintf(stderr, "sluice: writing the output: %s\n",
			strerrordesc_np(errno));
		status = EXIT_FAILURE;
	}
	return status;
}
