/* SPDX-License-Identifier: MIT */
/*
 * sluice copy: any disk to any other.
 *
 * A target that is a plain path is an image file of its own: made when it is
 * missing, emptied and given the source's size when it is a regular file. A
 * device, or a target that is spelt with options, must exist and be large
 * enough; what lies behind the source's size stays as it is. The copying is
 * in copy_job.c.
 *
 * Failure modes: an image that is not complete has the full size from the
 * start, so nobody could tell it from a good one. If this copy made the
 * file, it is removed; if it was there before, the message says that it is
 * incomplete. SIGINT and SIGTERM end it in the same way, and a second signal
 * does not wait for requests in flight.
 *
 * Threads: main only.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "block/node.h"
#include "block/options.h"
#include "cli/cli.h"
#include "cli/copy_job.h"
#include "cli/disk.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "loop/loop.h"
#include "util/clock.h"

#define DEFAULT_REQUESTS 8
#define DEFAULT_CHUNK (1u << 20)
#define DEFAULT_SPARSE 4096
#define PROGRESS_NS (100 * NS_PER_MS)

struct copy {
	const struct cli_verb *verb;
	const char *source, *target; /* as typed */
	bool json, quiet, show_progress;
	struct options *source_opts, *target_opts;
	struct loop *loop;
	struct interrupt interrupt;
	struct loop_timer timer;
	struct progress progress;
	struct copy_job job;
	int64_t elapsed_ns;
	const char *new_file; /* the target, if this copy has made it */
	bool emptied;	      /* the target was there and lost its contents */
};

static const struct cli_option options[] = {
	{"requests", 'm', "N", "requests in flight (default 8)"},
	{"chunk", 'c', "SIZE",
	 "bytes of one request, a power of two (default 1M)"},
	{"sparse", 'S', "SIZE",
	 "make holes of blocks of zeroes of this size (default\n"
	 "4K); 0: copy them as data"},
	{"progress", 'p', NULL, "show a progress bar"},
	{"no-progress", 0, NULL, "show none (default: on a terminal)"},
	{"quiet", 'q', NULL, "show neither progress nor result"},
	{"json", 'j', NULL, "print the result as a JSON object"},
	{0},
};

static void option_apply(struct copy *c, struct cli_args *args, const char *opt)
{
	uint64_t chunk = c->job.chunk_bytes, sparse = c->job.sparse_bytes;

	if (strcmp(opt, "requests") == 0)
		cli_option_number(args, opt, 1, 1024, &c->job.nr_requests);
	else if (strcmp(opt, "chunk") == 0)
		cli_option_size(args, opt, 4096, 64 << 20, &chunk);
	else if (strcmp(opt, "sparse") == 0)
		cli_option_size(args, opt, 0, 64 << 20, &sparse);
	else if (strcmp(opt, "json") == 0)
		c->json = true;
	else if (strcmp(opt, "quiet") == 0)
		c->quiet = true;
	else
		c->show_progress = strcmp(opt, "progress") == 0;
	if (!IS_POWER_OF_TWO(chunk) ||
	    (sparse && (sparse < 512 || !IS_POWER_OF_TWO(sparse))))
		args->status = cli_usage(args->verb,
					 "--%s is '%s', wanted a power of two, "
					 "at least 512",
					 opt, args->value);
	c->job.chunk_bytes = chunk;
	c->job.sparse_bytes = sparse;
}

/* -1 to go on, else the exit code. */
static int options_read(struct copy *c, int argc, char **argv)
{
	struct cli_args args;

	cli_args_init(&args, c->verb, argc, argv);
	for (const char *opt; (opt = cli_option_next(&args));)
		option_apply(c, &args, opt);
	if (args.status >= 0 || !cli_operands(&args, 2, 2))
		return args.status;
	if (c->job.sparse_bytes > c->job.chunk_bytes)
		return cli_usage(c->verb, "--sparse is larger than --chunk");
	c->source = args.argv[0];
	c->target = args.argv[1];
	return -1;
}

/* ---- ending early ---- */

static void signal_taken(struct interrupt *interrupt, int signo, unsigned times)
{
	struct copy *c = container_of(interrupt, struct copy, interrupt);

	c->job.stop = true;
	if (times < 2)
		return;
	progress_end(&c->progress);
	if (c->new_file)
		unlink(c->new_file);
	_exit(EXIT_FAILURE);
}

/* What became of the target after a failure, for the end of the message. */
static void target_abandon(struct copy *c, struct err *err)
{
	struct err why = *err;

	if (c->new_file && unlink(c->new_file) == 0)
		err_set(err, 0, "%s (the incomplete '%s' was removed)",
			why.text, c->target);
	else if (c->emptied)
		err_set(err, 0, "%s ('%s' is incomplete)", why.text, c->target);
}

/* ---- source and target ---- */

/*
 * Who may read the source may read its copy, nobody else. The owner can always
 * write: we are to open it.
 */
static mode_t new_file_mode(const struct copy *c)
{
	const char *source = disk_path(c->source_opts);
	struct stat st;

	if (!source || stat(source, &st) < 0 || !S_ISREG(st.st_mode))
		return 0666;
	return (st.st_mode & 0777) | S_IRUSR | S_IWUSR;
}

static int new_file_make(struct copy *c, struct err *err)
{
	struct stat st;
	int ret;

	if (lstat(c->target, &st) == 0)
		return err_set(err, ENOENT,
			       "'%s' is a symbolic link to a file that does "
			       "not exist",
			       c->target);
	ret = image_create(c->target, node_size(c->job.source),
			   new_file_mode(c), true, err);
	if (ret == 0)
		c->new_file = c->target;
	return ret;
}

/* If the target is an image file of its own, make it. */
static int image_prepare(struct copy *c, struct err *err)
{
	struct stat st;
	int ret;

	if (!disk_is_plain_path(c->target_opts, c->target))
		return 0;
	if (stat(c->target, &st) < 0) {
		if (errno != ENOENT)
			return err_sys(err, errno, "'%s'", c->target);
		ret = new_file_make(c, err);
	} else if (S_ISREG(st.st_mode)) {
		ret = image_create(c->target, node_size(c->job.source), 0,
				   false, err);
		c->emptied = ret == 0;
	} else {
		return 0;
	}
	c->job.target_is_zero = ret == 0;
	return ret;
}

static int sizes_check(const struct copy *c, struct err *err)
{
	uint64_t source = node_size(c->job.source);
	uint64_t target = node_size(c->job.target);

	if (target >= source)
		return 0;
	return err_set(err, ENOSPC,
		       "'%s' has %" PRIu64 " bytes, too small for the %" PRIu64
		       " bytes of '%s'",
		       c->target, target, source, c->source);
}

static int disks_open(struct copy *c, struct err *err)
{
	int ret;

	ret = disk_options(c->source, true, &c->source_opts, err);
	if (ret == 0)
		ret = disk_options(c->target, false, &c->target_opts, err);
	if (ret < 0)
		return ret;
	if (disk_same_file(disk_path(c->source_opts),
			   disk_path(c->target_opts)))
		return err_set(err, EINVAL, "'%s' and '%s' are the same file",
			       c->source, c->target);
	ret = node_open(c->source_opts, &c->loop, 1, &c->job.source, err);
	if (ret < 0)
		return disk_failed(c->source, ret, err);
	ret = image_prepare(c, err);
	if (ret == 0)
		ret = node_open(c->target_opts, &c->loop, 1, &c->job.target,
				err);
	if (ret < 0)
		return disk_failed(c->target, ret, err);
	return sizes_check(c, err);
}

/* ---- running ---- */

/* Draw in a while; without memory for a timer the bar stands still. */
static void progress_arm(struct copy *c)
{
	loop_timer_arm(c->loop, &c->timer, clock_now_ns() + PROGRESS_NS);
}

static void timer_fired(struct loop_timer *timer)
{
	struct copy *c = container_of(timer, struct copy, timer);

	progress_draw(&c->progress, c->job.done_bytes);
	progress_arm(c);
}

struct copy_call {
	struct copy_job *job;
	struct err *err;
	int ret;
};

static void co_job(void *opaque)
{
	struct copy_call *call = opaque;

	call->ret = copy_co_run(call->job, call->err);
}

static int job_run(struct copy *c, struct err *err)
{
	struct copy_call call = {.job = &c->job, .err = err};
	int64_t start_ns = clock_now_ns();
	int ret;

	loop_timer_init(&c->timer, timer_fired);
	progress_start(&c->progress, node_size(c->job.source));
	if (c->show_progress && !c->quiet)
		progress_arm(c);
	ret = co_run(co_job, &call);
	loop_timer_cancel(c->loop, &c->timer);
	progress_end(&c->progress);
	c->elapsed_ns = clock_now_ns() - start_ns;
	return ret < 0 ? err_set(err, -ret, "no memory for a coroutine")
		       : call.ret;
}

static int disks_close(struct copy *c, struct err *err)
{
	int ret = 0;

	if (c->job.target)
		ret = node_close(c->job.target, err);
	if (c->job.source)
		node_close(c->job.source, NULL);
	options_free(c->target_opts);
	options_free(c->source_opts);
	return ret;
}

static int copy(struct copy *c, struct err *err)
{
	int ret, closed;

	ret = loop_create(&c->loop, err);
	if (ret < 0)
		return ret;
	ret = interrupt_start(&c->interrupt, c->loop, signal_taken, err);
	if (ret < 0)
		goto out;
	ret = disks_open(c, err);
	if (ret == 0)
		ret = job_run(c, err);
	closed = disks_close(c, ret < 0 ? NULL : err);
	if (ret == 0)
		ret = closed;
	if (ret < 0)
		target_abandon(c, err);
	interrupt_stop(&c->interrupt);
out:
	loop_destroy(c->loop);
	return ret;
}

/* ---- the result ---- */

static int result_print_json(const struct copy *c)
{
	const struct copy_job *j = &c->job;

	return json_print(json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:f, s:o}", "source",
		json_text(c->source), "target", json_text(c->target), "bytes",
		json_uint64(j->done_bytes), "data_bytes",
		json_uint64(j->data_bytes), "zero_bytes",
		json_uint64(j->done_bytes - j->data_bytes), "seconds",
		(double)c->elapsed_ns / (double)NS_PER_SEC, "bytes_per_second",
		json_uint64(bytes_per_second(j->done_bytes, c->elapsed_ns))));
}

static void result_print(const struct copy *c)
{
	char all[SIZE_TEXT_LEN], data[SIZE_TEXT_LEN], rate[SIZE_TEXT_LEN];
	uint64_t bytes = c->job.data_bytes;

	printf("copied %s (%s of data) in %.2f s",
	       size_format(c->job.done_bytes, all), size_format(bytes, data),
	       (double)c->elapsed_ns / (double)NS_PER_SEC);
	/* of what was moved: a hole takes no time, however large it is */
	if (bytes)
		printf(", %s/s",
		       size_format(bytes_per_second(bytes, c->elapsed_ns),
				   rate));
	putchar('\n');
}

static int run(const struct cli_verb *verb, int argc, char **argv)
{
	struct copy c = {
		.verb = verb,
		.show_progress = progress_is_wanted(),
		.job =
			{
				.nr_requests = DEFAULT_REQUESTS,
				.chunk_bytes = DEFAULT_CHUNK,
				.sparse_bytes = DEFAULT_SPARSE,
			},
	};
	struct err err = ERR_INIT;
	int status;

	status = options_read(&c, argc, argv);
	if (status >= 0)
		return status;
	c.job.source_name = c.source;
	c.job.target_name = c.target;
	if (copy(&c, &err) < 0)
		return cli_fail(verb, &err);
	if (!c.json && !c.quiet)
		result_print(&c);
	else if (c.json && result_print_json(&c) < 0) {
		err_set(&err, ENOMEM, "no memory for the result");
		return cli_fail(verb, &err);
	}
	return EXIT_SUCCESS;
}

static const char details[] =
	"If DST is a path, a missing file is created and a regular file is\n"
	"replaced. A block device, or a DST spelt with options, must exist\n"
	"and be at least as large as SRC. The copy is on stable storage\n"
	"when the command ends. If it fails, a file that it created is\n"
	"removed.\n";

static const char examples[] =
	"  sluice copy disk.img backup.img\n"
	"  sluice copy /dev/vg/disk disk.img\n"
	"  sluice copy disk.img "
	"driver=io_uring,path=/dev/sdb,cache.direct=on\n";

const struct cli_verb verb_copy = {
	.name = "copy",
	.operands = "SRC DST",
	.summary = "copy a disk or file to another, keeping holes",
	.details = details,
	.examples = examples,
	.options = options,
	.run = run,
};
