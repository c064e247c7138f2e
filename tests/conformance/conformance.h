/* SPDX-License-Identifier: MIT */
/*
 * The conformance suite: one set of cases for all drivers, through <blkio.h>
 * alone, so that the same program also runs on another libblkio.
 *
 * A target is a driver, what its device is made of (kind), and properties to
 * set: one run. What a case expects follows from the device's properties and
 * from the driver's row of the matrix (struct facts). A new driver is a row
 * there, and a kind where it needs another sort of device.
 *
 * A case runs in a process of its own, on a disk of its own: the checks of
 * tests/check.h end it with status 1, a crash or a hang in the library is
 * its result.
 */
#ifndef TESTS_CONFORMANCE_H
#define TESTS_CONFORMANCE_H

#include <stdarg.h>

#include "tests/blkio_check.h"
#include "tests/conformance/facts.h"
#include "util/clock.h"
#include "util/compiler.h"

/* No wait in a case that passes takes this long. */
#define WAIT_S 10

#define DISK_BYTES (UINT64_C(1) << 20)
#define ALL_FLAGS (BLKIO_REQ_FUA | BLKIO_REQ_NO_UNMAP | BLKIO_REQ_NO_FALLBACK)

/* ---- target (target.c) ---- */

struct setting {
	char name[40];
	const char *value;
};

struct target {
	const char *driver;
	enum kind kind;
	const struct facts *facts;
	struct setting settings[24];
	int nr_settings;
	const char *dir; /* empty when a case begins, removed after it */
};

/* Fill t from the words DRIVER KIND [PROPERTY=VALUE...]; false: not valid,
 * which standard error tells. */
bool target_parse(struct target *t, int nr_words, char **words);

/* What the target sets the property to, or NULL. */
const char *target_setting(const struct target *t, const char *name);

/* Does it set the boolean property to true? */
bool target_has(const struct target *t, const char *name);

/* ---- the disk of a case (disk.c); only where the facts have a source ---- */

/* The path of the disk, which holds the pattern; made by the first call. */
const char *disk_path(const struct target *t);

/* The file behind it: the same, but for a loop device. */
const char *disk_file(const struct target *t);

/* The kernel's word on the disk's block device, such as
 * "queue/logical_block_size"; false: there is none. */
bool disk_attribute(const struct target *t, const char *name, char *text,
		    size_t size);

/* Bytes that depend on their position in the disk; never 0. */
void pattern_fill(void *buf, uint64_t start, size_t len);

/* Can a loop device be had? */
bool loop_devices_work(const char *dir);

/* ---- the server of a vhost-user disk (server.c) ---- */

/* The path of its socket. */
const char *server_path(const struct target *t);
/* Hold up all requests, and no longer. */
void server_stop(void);
void server_continue(void);
bool server_is_installed(void);

/* ---- an instance (device.c) ---- */

struct dev {
	const struct target *t;
	struct blkio *b;
	struct blkioq *q;  /* number 0; NULL until started */
	uint64_t capacity; /* bytes; from here on: properties, 0 until started */
	uint64_t align;	   /* request-alignment, bytes */
	uint64_t buf_align;
	uint64_t max_len;  /* of a single buffer, bytes; 0: no limit */
	int max_segments;
	bool read_only;
	bool needs_regions;
	bool poll_queues;
};

/* In the state that the name says; settings are made where they can be. */
struct dev dev_create(const struct target *t);
struct dev dev_connect(const struct target *t);
struct dev dev_start(const struct target *t);
struct dev dev_in_state(const struct target *t, unsigned state);
/* The steps of these. */
void dev_do_connect(struct dev *d);
void dev_do_start(struct dev *d);
void dev_close(struct dev *d);

/* Memory for requests: aligned, zeroed, mapped as a region where that is
 * needed; lives as long as the case or the instance. */
void *dev_buffer(struct dev *d, size_t len);

int get_int(struct blkio *b, const char *name);
bool get_bool(struct blkio *b, const char *name);
uint64_t get_u64(struct blkio *b, const char *name);

/* ---- requests (request.c) ---- */

extern const char *const op_names[NR_OPS];

/* Does the op change data? */
bool op_writes(enum op op);
/* Flags that the op takes. */
uint32_t op_flags(enum op op);
/* Its row of the facts; NULL for flush and zones. */
const struct range_facts *op_facts(const struct dev *d, enum op op,
				   uint32_t flags);

/* READV and WRITEV have a vector of one, valid until the next call. */
void submit(struct blkioq *q, enum op op, uint64_t start, void *buf,
	    uint64_t len, void *user_data, uint32_t flags);

/* Fetch exactly n completions. */
void wait_for(struct blkioq *q, struct blkio_completion *c, int n);

/* The completion of a request that is alone on the queue. */
struct blkio_completion next(struct blkioq *q);

/* Submit and wait: its result. */
int request(struct blkioq *q, enum op op, uint64_t start, void *buf,
	    uint64_t len, uint32_t flags);

/* Read or write of any length, within the limits; must succeed. */
void transfer(struct dev *d, bool write, uint64_t start, void *buf,
	      uint64_t len);

/* ---- requests that take long (slow.c) ---- */

struct slow {
	struct dev d; /* a queue of which is to carry the request */
	struct holder *holder;
};

/* A started device whose slow requests don't complete. Skips the case where
 * there is no way to that. */
struct slow slow_start(const struct target *t, bool may_release);
/* For a target that may_release: they complete, now or within 1 s. */
void slow_release(struct slow *s);
void slow_submit(struct slow *s, struct blkioq *q, void *user_data);
/* A request that slow ones after it don't hold up: the result it will have.
 * Skips the case where there is none. */
int quick_submit(struct slow *s, void *user_data);
void slow_close(struct slow *s);

int64_t ns_of(const struct timespec *ts);
bool is_normal(const struct timespec *ts);
/* A wait on q, which has a slow request alone, for ns: -ETIME, not before it is
 * over, and nothing left of it. */
void check_timeout(struct blkioq *q, int64_t ns);

/* ---- cases (main.c) ---- */

struct suite {
	const struct target *t;
	struct test_case *cases;
	int nr, room;
};

typedef void case_fn(const struct target *t, const void *arg);

/* run(t, arg) is one case; its id is the text. */
void add_case(struct suite *s, case_fn *run, const void *arg, const char *id,
	      ...) PRINTF_LIKE(4, 5);

typedef void add_cases_fn(struct suite *s);

add_cases_fn add_state_cases, add_connect_cases, add_property_cases,
	add_conversion_cases, add_null_cases, add_queue_cases, add_range_cases,
	add_flag_cases, add_vector_cases, add_do_io_cases, add_timeout_cases,
	add_signal_cases, add_fd_cases, add_backlog_cases, add_region_cases,
	add_map_cases, add_error_cases;

/* The case has nothing to show on this target: say why. */
#define case_skip(why) check_skip(why)

/* -errnum, and some text: wording is each library's own */
#define check_refused(call, errnum)             \
	do {                                    \
		check_int(call, -(errnum));     \
		check(*blkio_get_error_msg());  \
	} while (0)

#endif
