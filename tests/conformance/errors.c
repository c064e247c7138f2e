/* SPDX-License-Identifier: MIT */
/* The error text: of the thread's last failed call, and of no other. */
#include <pthread.h>

#include "tests/conformance/conformance.h"

static void case_empty(const struct target *t, const void *arg)
{
	check_str(blkio_get_error_msg(), "");
}

/* Success leaves the text alone. */
static void case_stays(const struct target *t, const void *arg)
{
	struct dev d = dev_create(t);
	char *text;

	check_int(blkio_start(d.b), -ENODEV);
	text = strdup(blkio_get_error_msg());
	check(*text);
	dev_do_connect(&d);
	dev_do_start(&d);
	check_str(blkio_get_error_msg(), text);
	dev_close(&d);
	check_str(blkio_get_error_msg(), text);
	free(text);
}

static void case_replaced(const struct target *t, const void *arg)
{
	struct dev d = dev_create(t);
	char *text;

	check_int(blkio_start(d.b), -ENODEV);
	text = strdup(blkio_get_error_msg());
	check_int(blkio_set_bool(d.b, "no-such", true), -ENOENT);
	check(strcmp(blkio_get_error_msg(), text) != 0);
	free(text);
	dev_close(&d);
}

/* A completion's error is told by the completion alone. */
static void case_not_completions(const struct target *t, const void *arg)
{
	struct dev d = dev_start(t);

	blkioq_flush(d.q, NULL, 1u << 9);
	check_int(next(d.q).ret, -EINVAL);
	check_int(request(d.q, OPEN_ZONE, 0, NULL, 0, 0), -ENOTSUP);
	check_str(blkio_get_error_msg(), "");
	dev_close(&d);
}

static void *other_thread(void *arg)
{
	struct dev *d = arg;

	check_str(blkio_get_error_msg(), "");
	check_int(blkio_set_bool(d->b, "no-such", true), -ENOENT);
	check_contains(blkio_get_error_msg(), "nknown");
	return NULL;
}

static void case_per_thread(const struct target *t, const void *arg)
{
	struct dev d = dev_create(t);
	pthread_t thread;
	char *text;

	check_int(blkio_start(d.b), -ENODEV);
	text = strdup(blkio_get_error_msg());
	check_int(pthread_create(&thread, NULL, other_thread, &d), 0);
	check_int(pthread_join(thread, NULL), 0);
	check_str(blkio_get_error_msg(), text);
	free(text);
	dev_close(&d);
}

/* Of any length, and always UTF-8 up to a NUL. */
static void case_long(const struct target *t, const void *arg)
{
	struct dev d = dev_create(t);
	char name[5000];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	check_int(blkio_set_str(d.b, name, name), -ENOENT);
	check(*blkio_get_error_msg());
	check(strlen(blkio_get_error_msg()) < 256);
	dev_close(&d);
}

void add_error_cases(struct suite *s)
{
	add_case(s, case_empty, NULL, "error.empty-at-first");
	add_case(s, case_stays, NULL, "error.success-keeps");
	add_case(s, case_replaced, NULL, "error.replaced");
	add_case(s, case_not_completions, NULL, "error.not-completions");
	add_case(s, case_per_thread, NULL, "error.per-thread");
	add_case(s, case_long, NULL, "error.long");
}
