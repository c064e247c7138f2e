/* SPDX-License-Identifier: MIT */
/*
 * Runs the cases of one target and says in TAP what came of each:
 *
 *   conformance [OPTION...] DRIVER KIND [PROPERTY=VALUE...]
 *     --case=PATTERN   only ids that match
 *     --dir=DIR        for disks; default $SLUICE_BUILD, else /var/tmp
 *     --list           print the ids
 *
 * Each case runs in a process of its own with a time limit; what it printed
 * becomes its diagnostics. Exit status: 0 all passed, 1 not, 2 bad usage.
 */
#include <fnmatch.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "tests/conformance/conformance.h"

#define CASE_TIMEOUT_S 60

struct test_case {
	char id[64];
	case_fn *run;
	const void *arg;
};

static add_cases_fn *const families[] = {
	add_state_cases,      add_connect_cases, add_property_cases,
	add_conversion_cases, add_null_cases,	 add_queue_cases,
	add_range_cases,      add_flag_cases,	 add_vector_cases,
	add_do_io_cases,      add_timeout_cases, add_signal_cases,
	add_fd_cases,	      add_backlog_cases, add_region_cases,
	add_map_cases,	      add_error_cases,
};

void add_case(struct suite *s, case_fn *run, const void *arg, const char *id,
	      ...)
{
	struct test_case *c;
	va_list args;

	if (s->nr == s->room) {
		s->room = s->room ? s->room * 2 : 256;
		s->cases = reallocarray(s->cases, (size_t)s->room,
					sizeof(*s->cases));
		check(s->cases);
	}
	c = &s->cases[s->nr++];
	c->run = run;
	c->arg = arg;
	va_start(args, id);
	vsnprintf(c->id, sizeof(c->id), id, args);
	va_end(args);
}

/* ---- one case ---- */

/* In the child: its own process group, so that all of it can be ended. */
static void run_case(const struct test_case *c, const struct target *t, int out)
{
	setpgid(0, 0);
	if (dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		_exit(1);
	c->run(t, c->arg);
	exit(0);
}

/* Wait for the child; false when it took too long and was killed. */
static bool wait_child(pid_t pid, int *status)
{
	struct pollfd p = {.fd = pidfd_open(pid, 0), .events = POLLIN};
	bool in_time;

	check(p.fd >= 0);
	in_time = poll(&p, 1, CASE_TIMEOUT_S * 1000) == 1;
	close(p.fd);
	kill(-pid, SIGKILL);
	if (!in_time)
		kill(pid, SIGKILL);
	check_int(waitpid(pid, status, 0), pid);
	return in_time;
}

static void print_diagnostics(FILE *out)
{
	char line[1024];

	rewind(out);
	while (fgets(line, sizeof(line), out))
		printf("# %s%s", line, strchr(line, '\n') ? "" : "\n");
}

/* After " # SKIP": what check_skip() printed */
static void print_skip_reason(FILE *out)
{
	char line[256] = "";

	rewind(out);
	if (fgets(line, sizeof(line), out))
		line[strcspn(line, "\n")] = '\0';
	printf(" # SKIP %s\n",
	       strncmp(line, "skipped: ", 9) == 0 ? line + 9 : line);
}

static bool report(int number, const struct test_case *c, bool in_time,
		   int status, FILE *out)
{
	bool ended = in_time && WIFEXITED(status);
	bool ok = ended &&
		  (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77);

	printf("%s %d - %s", ok ? "ok" : "not ok", number, c->id);
	if (ok && WEXITSTATUS(status) == 77) {
		print_skip_reason(out);
		return true;
	}
	printf("\n");
	if (ok)
		return true;
	print_diagnostics(out);
	if (!in_time)
		printf("# hung: killed after %d s\n", CASE_TIMEOUT_S);
	else if (!ended && WTERMSIG(status) == SIGABRT)
		printf("# aborted\n");
	else if (!ended)
		printf("# crashed: %s\n", strsignal(WTERMSIG(status)));
	return false;
}

static void remove_disk(const struct target *t)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/disk", t->dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/socket", t->dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/pid", t->dir);
	unlink(path);
}

static bool do_case(int number, const struct test_case *c,
		    const struct target *t)
{
	FILE *out = tmpfile();
	bool in_time, ok;
	int status;
	pid_t pid;

	check(out);
	fflush(stdout);
	pid = fork();
	check(pid >= 0);
	if (pid == 0)
		run_case(c, t, fileno(out));
	in_time = wait_child(pid, &status);
	ok = report(number, c, in_time, status, out);
	fclose(out);
	remove_disk(t);
	return ok;
}

/* ---- all of them ---- */

static bool run_all(const struct suite *s)
{
	bool ok = true;

	printf("1..%d\n", s->nr);
	for (int i = 0; i < s->nr; i++)
		ok &= do_case(i + 1, &s->cases[i], s->t);
	return ok;
}

static void list(const struct suite *s)
{
	for (int i = 0; i < s->nr; i++)
		puts(s->cases[i].id);
}

static void keep_matching(struct suite *s, const char *pattern)
{
	int nr = 0;

	for (int i = 0; i < s->nr; i++)
		if (fnmatch(pattern, s->cases[i].id, 0) == 0)
			s->cases[nr++] = s->cases[i];
	s->nr = nr;
}

/* Run the suite in a directory of its own below dir. */
static bool run_in(const char *dir, struct target *t, const struct suite *s)
{
	char path[PATH_MAX];
	bool ok;

	snprintf(path, sizeof(path), "%s/conformance-XXXXXX", dir);
	check(mkdtemp(path));
	t->dir = path;
	if (t->kind == LOOP_DISK && !loop_devices_work(path)) {
		printf("1..0 # SKIP can't attach a loop device (needs root)\n");
		ok = true;
	} else if (t->kind == VHOST_USER_DISK && !server_is_installed()) {
		printf("1..0 # SKIP no qemu-storage-daemon here\n");
		ok = true;
	} else {
		ok = run_all(s);
	}
	remove_disk(t);
	rmdir(path);
	return ok;
}

static int usage(void)
{
	fprintf(stderr, "usage: conformance [--case=PATTERN] [--dir=DIR] "
			"[--list] DRIVER KIND [PROPERTY=VALUE...]\n");
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"case", required_argument, NULL, 'c'},
		{"dir", required_argument, NULL, 'd'},
		{"list", no_argument, NULL, 'l'},
		{NULL, 0, NULL, 0},
	};
	const char *build = getenv("SLUICE_BUILD"), *pattern = "*";
	const char *dir = build ? build : "/var/tmp";
	bool listing = false, ok = true;
	struct target t;
	struct suite s = {.t = &t};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'c')
			pattern = optarg;
		else if (option == 'd')
			dir = optarg;
		else if (option == 'l')
			listing = true;
		else
			return usage();
	}
	if (!target_parse(&t, argc - optind, argv + optind))
		return usage();
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		families[i](&s);
	keep_matching(&s, pattern);
	if (listing)
		list(&s);
	else
		ok = run_in(dir, &t, &s);
	free(s.cases);
	return ok ? 0 : 1;
}
