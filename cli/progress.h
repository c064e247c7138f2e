/* SPDX-License-Identifier: MIT */
/*
 * A progress bar on stderr, one line that is drawn over and over.
 *
 * Threads: main only.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	int64_t start_ns;
	uint64_t total_bytes;
	bool shown; /* there is a line to remove */
};

void progress_start(struct progress *progress, uint64_t total_bytes);
void progress_draw(struct progress *progress, uint64_t done_bytes);

/* Remove the line. */
void progress_end(struct progress *progress);

/* True when stderr is a terminal that somebody may look at. */
bool progress_is_wanted(void);

#endif
