/* SPDX-License-Identifier: MIT */
/*
 * The progress bar: see progress.h. Output that fails is ignored: the work
 * counts, not its picture.
 */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/output.h"
#include "util/clock.h"
#include "util/compiler.h"

#define TEXT_COLUMNS 48 /* what surrounds the bar, at most */
#define MAX_BAR 32

bool progress_is_wanted(void)
{
	return isatty(STDERR_FILENO) == 1;
}

void progress_start(struct progress *progress, uint64_t total_bytes)
{
	*progress = (struct progress){
		.start_ns = clock_now_ns(),
		.total_bytes = total_bytes,
	};
}

/* Columns that the bar may take; 0 in a narrow terminal. */
static int bar_columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return MAX_BAR;
	return MIN(MAX(size.ws_col - TEXT_COLUMNS, 0), MAX_BAR);
}

void progress_draw(struct progress *progress, uint64_t done_bytes)
{
	static const char bar[] = "################################";
	double part =
		progress->total_bytes
			? (double)done_bytes / (double)progress->total_bytes
			: 1;
	double elapsed_s = (double)(clock_now_ns() - progress->start_ns) /
			   (double)NS_PER_SEC;
	char done[SIZE_TEXT_LEN], total[SIZE_TEXT_LEN], rate[SIZE_TEXT_LEN];
	int columns = bar_columns();
	int filled = (int)(part * columns);
	long left_s = part > 0 ? (long)(elapsed_s / part - elapsed_s) : 0;

	fprintf(stderr,
		"\r[%.*s%*s] %3d%%  %s of %s  %s/s  %ld:%02ld left\033[K",
		filled, bar, columns - filled, "", (int)(part * 100),
		size_format(done_bytes, done),
		size_format(progress->total_bytes, total),
		size_format(elapsed_s > 0
				    ? (uint64_t)((double)done_bytes / elapsed_s)
				    : 0,
			    rate),
		left_s / 60, left_s % 60);
	progress->shown = true;
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
