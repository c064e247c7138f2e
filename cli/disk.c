/* SPDX-License-Identifier: MIT */
/*
 * DISK operands: see disk.h.
 */
#include "cli/disk.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool looks_like_uri(const char *text)
{
	size_t scheme = 0;

	while (isalnum((unsigned char)text[scheme]) || text[scheme] == '+')
		scheme++;
	return (scheme && strncmp(text + scheme, "://", 3) == 0) ||
	       strncmp(text, "nbd:", 4) == 0;
}

/* What people type who know other programs, and no file is called. */
static int text_check(const char *text, struct err *err)
{
	if (strcmp(text, "-") == 0)
		return err_set(err, EINVAL,
			       "'-': a disk can't be standard input or output; "
			       "a file of that name is './-'");
	if (!looks_like_uri(text) || access(text, F_OK) == 0)
		return 0;
	return err_set(err, EINVAL,
		       "'%.80s' is no file: sluice has no NBD client and opens "
		       "no URIs; a disk is a path or driver=NAME,...",
		       text);
}

int disk_options(const char *text, bool read_only, struct options **opts,
		 struct err *err)
{
	int ret;

	*opts = NULL;
	ret = text_check(text, err);
	if (ret < 0)
		return ret;
	ret = options_parse(text, opts, err);
	if (ret < 0)
		return disk_failed(text, ret, err);
	options_take(*opts, "name"); /* only serve has a use for it */
	if (!read_only)
		return 0;
	ret = options_set(*opts, "read-only", "on", err);
	if (ret < 0) {
		options_free(*opts);
		*opts = NULL;
	}
	return ret;
}

const char *disk_path(struct options *opts)
{
	const char *path = options_take(opts, "path");

	return path ? path : options_take(opts, "filename");
}

/* What follows the last slash; the whole where nothing does. */
static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

const char *disk_name(struct options *opts)
{
	const char *name = options_take(opts, "name");
	const char *path = disk_path(opts);

	if (name)
		return name;
	if (path)
		return last_part(path);
	name = options_take(opts, "node-name");
	if (!name)
		name = options_take(opts, "driver");
	return name ? name : "";
}

bool disk_is_plain_path(struct options *opts, const char *text)
{
	const char *path = disk_path(opts);

	return path && strcmp(path, text) == 0;
}

int disk_failed(const char *text, int ret, struct err *err)
{
	if (!strstr(err->text, text))
		err_prefix(err, "%.80s%s: ", text,
			   strlen(text) > 80 ? "..." : "");
	return ret;
}

bool disk_same_file(const char *path_a, const char *path_b)
{
	struct stat a, b;

	if (!path_a || !path_b || stat(path_a, &a) < 0 || stat(path_b, &b) < 0)
		return false;
	if (S_ISBLK(a.st_mode) && S_ISBLK(b.st_mode))
		return a.st_rdev == b.st_rdev;
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}
