/* SPDX-License-Identifier: MIT */
/*
 * sluice bench: how many requests a second, how long they take.
 *
 * This file reads the options, plans each thread's share, waits for the end
 * (time, count, signal or failure) and tells the result. Latencies are taken
 * in processor ticks, from when a slot's last request was complete, and
 * scaled by the whole run's duration at the end.
 *
 * Failure modes: a request that fails ends the run, with its offset in the
 * message. SIGINT ends it early, with the result so far; a second signal
 * without.
 *
 * Threads: main; workers have their own, see bench.h.
 */
#include "cli/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "block/options.h"
#include "cli/cli.h"
#include "cli/disk.h"
#include "cli/output.h"

#define DEFAULT_TIME_NS (3 * NS_PER_SEC)

static const struct cli_option options[] = {
	{"mode", 'm', "MODE",
	 "read, write, randread (default) or randwrite;\n"
	 "writing destroys what is on the disk"},
	{"depth", 'q', "N", "requests in flight per thread (default 32)"},
	{"size", 's', "SIZE", "bytes of one request (default 4K)"},
	{"threads", 't', "N", "threads, each with a queue (default 1)"},
	{"time", 0, "SECONDS", "stop after this time (default 3)"},
	{"count", 'c', "N", "stop after N requests"},
	{"direct-library", 0, NULL, "call libblkio without the block layer"},
	{"poll", 0, NULL, "use poll queues (with --direct-library)"},
	{"no-latency", 0, NULL, "take no latencies"},
	{"json", 'j', NULL, "print the result as a JSON object"},
	{0},
};

static const struct bench_backend *backend(const struct bench *b)
{
	return b->library ? &bench_library : &bench_node;
}

/* ---- options ---- */

static const char *mode_name(const struct bench *b)
{
	static const char *const names[2][2] = {
		{"read", "write"},
		{"randread", "randwrite"},
	};

	return names[b->random][b->writes];
}

static void mode_apply(struct bench *b, struct cli_args *args)
{
	for (int i = 0; i < 4; i++) {
		b->random = i & 1;
		b->writes = i & 2;
		if (strcmp(args->value, mode_name(b)) == 0)
			return;
	}
	args->status = cli_usage(args->verb,
				 "--mode is '%s', wanted read, "
				 "write, randread or randwrite",
				 args->value);
}

static void count_apply(struct bench *b, struct cli_args *args)
{
	if (number_parse(args->value, INT64_MAX, &b->count) < 0 || !b->count)
		args->status = cli_usage(args->verb,
					 "--count is '%s', wanted a "
					 "number of requests",
					 args->value);
}

static void option_apply(struct bench *b, struct cli_args *args,
			 const char *opt, bool *json)
{
	uint64_t bytes = b->block_bytes;

	if (strcmp(opt, "mode") == 0)
		mode_apply(b, args);
	else if (strcmp(opt, "depth") == 0)
		cli_option_number(args, opt, 1, BENCH_MAX_DEPTH, &b->depth);
	else if (strcmp(opt, "size") == 0)
		cli_option_size(args, opt, 1, 64 << 20, &bytes);
	else if (strcmp(opt, "threads") == 0)
		cli_option_number(args, opt, 1, BENCH_MAX_THREADS,
				  &b->nr_threads);
	else if (strcmp(opt, "time") == 0)
		cli_option_seconds(args, opt, 86400, &b->time_ns);
	else if (strcmp(opt, "count") == 0)
		count_apply(b, args);
	else if (strcmp(opt, "direct-library") == 0)
		b->library = true;
	else if (strcmp(opt, "poll") == 0)
		b->poll_queues = true;
	else if (strcmp(opt, "no-latency") == 0)
		b->measure_latency = false;
	else if (strcmp(opt, "json") == 0)
		*json = true;
	b->block_bytes = bytes;
}

/* -1 to go on, else the exit code. */
static int options_read(struct bench *b, const struct cli_verb *verb, int argc,
			char **argv, bool *json)
{
	struct cli_args args;

	cli_args_init(&args, verb, argc, argv);
	for (const char *opt; (opt = cli_option_next(&args));)
		option_apply(b, &args, opt, json);
	if (args.status >= 0 || !cli_operands(&args, 1, 1))
		return args.status;
	if (b->poll_queues && !b->library)
		return cli_usage(verb, "--poll goes with --direct-library");
	if (!b->time_ns && !b->count)
		b->time_ns = DEFAULT_TIME_NS;
	b->disk = args.argv[0];
	return -1;
}

/* ---- the run ---- */

static void time_is_up(struct loop_timer *timer)
{
	struct bench *b = container_of(timer, struct bench, timer);

	atomic_store(&b->stop, true);
}

static void signal_taken(struct interrupt *interrupt, int signo, unsigned times)
{
	struct bench *b = container_of(interrupt, struct bench, interrupt);

	atomic_store(&b->stop, true);
	if (times > 1)
		_exit(EXIT_FAILURE);
}

static void worker_done(struct loop_bh *bh)
{
	struct bench_worker *w = container_of(bh, struct bench_worker, done);

	w->bench->nr_running--;
}

static bool all_done(void *opaque)
{
	const struct bench *b = opaque;

	return b->nr_running == 0;
}

/* Share disk and requests among the workers. */
static int workers_plan(struct bench *b, struct err *err)
{
	uint64_t blocks = b->size_bytes / b->block_bytes;
	uint64_t share = blocks / b->nr_threads;
	size_t bytes = b->nr_threads * sizeof(*b->workers);
	char text[SIZE_TEXT_LEN];

	if (share == 0)
		return err_set(err, EINVAL,
			       "'%s' has %" PRIu64
			       " bytes, less than a request "
			       "of %s for each thread",
			       b->disk, b->size_bytes,
			       size_format(b->block_bytes, text));
	b->workers = aligned_alloc(_Alignof(struct bench_worker), bytes);
	if (!b->workers)
		return err_set(err, ENOMEM, "no memory for %u threads",
			       b->nr_threads);
	memset(b->workers, 0, bytes);
	for (unsigned i = 0; i < b->nr_threads; i++) {
		struct bench_worker *w = &b->workers[i];

		w->bench = b;
		w->first_block = b->random ? 0 : i * share;
		w->nr_blocks = b->random ? blocks : share;
		w->budget = b->count ? b->count / b->nr_threads +
					       (i < b->count % b->nr_threads)
				     : UINT64_MAX;
		w->random = 0x9e3779b97f4a7c15 * (i + 1);
		loop_bh_init(&w->done, b->loop, worker_done);
	}
	return 0;
}

static int failure_tell(const struct bench *b, struct err *err)
{
	for (unsigned i = 0; i < b->nr_threads; i++) {
		const struct bench_worker *w = &b->workers[i];

		if (w->ret < 0)
			return err_sys(err, -w->ret,
				       "%s '%s' at offset %" PRIu64,
				       b->writes ? "writing" : "reading",
				       b->disk, w->failed_offset);
	}
	return 0;
}

static int64_t cpu_now_ns(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * NS_PER_SEC +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * NS_PER_US;
}

static int workers_run(struct bench *b, struct err *err)
{
	int64_t start_ns, cpu_ns;
	uint64_t start_ticks;
	int ret = 0;

	for (unsigned i = 0; ret == 0 && i < b->nr_threads; i++)
		ret = backend(b)->prepare(&b->workers[i]);
	if (ret < 0)
		return err_set(err, -ret, "no memory for %u requests",
			       b->nr_threads * b->depth);
	loop_timer_init(&b->timer, time_is_up);
	cpu_ns = cpu_now_ns();
	start_ns = clock_now_ns();
	start_ticks = ticks_now();
	if (b->time_ns)
		ret = loop_timer_arm(b->loop, &b->timer, start_ns + b->time_ns);
	if (ret < 0)
		return err_set(err, -ret, "no memory for a timer");
	b->nr_running = b->nr_threads;
	for (unsigned i = 0; i < b->nr_threads; i++)
		backend(b)->start(&b->workers[i]);
	loop_run_until(b->loop, all_done, b);
	b->elapsed_ns = clock_now_ns() - start_ns;
	b->elapsed_ticks = ticks_now() - start_ticks;
	b->cpu_ns = cpu_now_ns() - cpu_ns;
	loop_timer_cancel(b->loop, &b->timer);
	return failure_tell(b, err);
}

/* Known before the first request fails. */
static int writable_check(const struct bench *b, struct options *opts,
			  struct err *err)
{
	bool read_only = false;
	int ret = options_take_bool(opts, "read-only", &read_only, err);

	if (ret < 0 || !read_only || !b->writes)
		return MIN(ret, 0);
	return err_set(err, EROFS, "--mode %s, but the disk is read-only=on",
		       mode_name(b));
}

static int disk_run(struct bench *b, struct err *err)
{
	struct options *opts;
	int ret;

	ret = disk_options(b->disk, !b->writes, &opts, err);
	if (ret < 0)
		return ret;
	ret = writable_check(b, opts, err);
	if (ret == 0)
		ret = backend(b)->open(b, opts, err);
	options_free(opts);
	if (ret < 0)
		return disk_failed(b->disk, ret, err);
	ret = workers_plan(b, err);
	if (ret == 0)
		ret = workers_run(b, err);
	backend(b)->close(b);
	return ret;
}

static int bench(struct bench *b, struct err *err)
{
	int ret;

	ret = loop_create(&b->loop, err);
	if (ret < 0)
		return ret;
	ret = interrupt_start(&b->interrupt, b->loop, signal_taken, err);
	if (ret == 0) {
		ret = disk_run(b, err);
		interrupt_stop(&b->interrupt);
	}
	loop_destroy(b->loop);
	return ret;
}

/* ---- the result ---- */

struct result {
	uint64_t requests;
	double seconds, iops, cpu_ns_per_request;
	double mean_ns, p50_ns, p99_ns, p999_ns, max_ns;
};

static void result_make(const struct bench *b, struct result *r)
{
	struct histogram *all = &b->workers[0].latency;
	double ns_per_tick = b->elapsed_ticks ? (double)b->elapsed_ns /
							(double)b->elapsed_ticks
					      : 0;

	*r = (struct result){.requests = b->workers[0].requests};
	for (unsigned i = 1; i < b->nr_threads; i++) {
		r->requests += b->workers[i].requests;
		histogram_merge(all, &b->workers[i].latency);
	}
	r->seconds = (double)b->elapsed_ns / (double)NS_PER_SEC;
	r->iops = r->seconds > 0 ? (double)r->requests / r->seconds : 0;
	if (r->requests)
		r->cpu_ns_per_request = (double)b->cpu_ns / (double)r->requests;
	r->mean_ns = histogram_mean(all) * ns_per_tick;
	r->p50_ns = (double)histogram_quantile(all, 0.5) * ns_per_tick;
	r->p99_ns = (double)histogram_quantile(all, 0.99) * ns_per_tick;
	r->p999_ns = (double)histogram_quantile(all, 0.999) * ns_per_tick;
	r->max_ns = (double)all->max * ns_per_tick;
}

static int result_print_json(const struct bench *b, const struct result *r)
{
	json_t *object = json_pack(
		"{s:o, s:s, s:s, s:o, s:i, s:i, s:f, s:o, s:f, s:o, s:f}",
		"disk", json_text(b->disk), "through", backend(b)->name, "mode",
		mode_name(b), "request_bytes", json_uint64(b->block_bytes),
		"depth", (int)b->depth, "threads", (int)b->nr_threads,
		"seconds", r->seconds, "requests", json_uint64(r->requests),
		"iops", r->iops, "bytes_per_second",
		json_uint64((uint64_t)(r->iops * (double)b->block_bytes)),
		"cpu_ns_per_request", r->cpu_ns_per_request);

	if (object && b->measure_latency &&
	    json_object_set_new(object, "latency_ns",
				json_pack("{s:f, s:f, s:f, s:f, s:f}", "mean",
					  r->mean_ns, "p50", r->p50_ns, "p99",
					  r->p99_ns, "p99.9", r->p999_ns, "max",
					  r->max_ns)) < 0) {
		json_decref(object);
		return -ENOMEM;
	}
	return json_print(object);
}

static void result_print(const struct bench *b, const struct result *r)
{
	char size[SIZE_TEXT_LEN], rate[SIZE_TEXT_LEN];

	printf("%s of %s, depth %u, %u thread%s, %s%s, %.2f s\n", mode_name(b),
	       size_format(b->block_bytes, size), b->depth, b->nr_threads,
	       b->nr_threads == 1 ? "" : "s", backend(b)->name,
	       b->poll_queues ? " (polled)" : "", r->seconds);
	printf("  requests   %" PRIu64 "\n", r->requests);
	printf("  IOPS       %.0f\n", r->iops);
	printf("  bandwidth  %s/s\n",
	       size_format((uint64_t)(r->iops * (double)b->block_bytes), rate));
	printf("  CPU time   %.0f ns per request\n", r->cpu_ns_per_request);
	if (b->measure_latency)
		printf("  latency    mean %.2f us, p50 %.2f, p99 %.2f, "
		       "p99.9 %.2f, max %.2f\n",
		       r->mean_ns / 1e3, r->p50_ns / 1e3, r->p99_ns / 1e3,
		       r->p999_ns / 1e3, r->max_ns / 1e3);
}

static int run(const struct cli_verb *verb, int argc, char **argv)
{
	struct bench b = {
		.random = true,
		.measure_latency = true,
		.depth = 32,
		.nr_threads = 1,
		.block_bytes = 4096,
	};
	struct err err = ERR_INIT;
	struct result r;
	bool json = false;
	int status;

	status = options_read(&b, verb, argc, argv, &json);
	if (status >= 0)
		return status;
	status = EXIT_SUCCESS;
	if (bench(&b, &err) < 0) {
		status = cli_fail(verb, &err);
		goto out;
	}
	result_make(&b, &r);
	if (!json)
		result_print(&b, &r);
	else if (result_print_json(&b, &r) < 0) {
		err_set(&err, ENOMEM, "no memory for the result");
		status = cli_fail(verb, &err);
	}
out:
	free(b.workers);
	return status;
}

static const char details[] =
	"By default random reads for 3 seconds. Latency is the time from\n"
	"one completion of a slot to its next.\n";

static const char examples[] =
	"  sluice bench disk.img\n"
	"  sluice bench --mode read --size 256K --depth 8 --json /dev/sda\n"
	"  sluice bench --mode randwrite driver=ram,size=1G\n"
	"  sluice bench --direct-library driver=null,size=1G\n";

const struct cli_verb verb_bench = {
	.name = "bench",
	.operands = "DISK",
	.summary = "measure requests per second and latency",
	.details = details,
	.examples = examples,
	.options = options,
	.run = run,
};
