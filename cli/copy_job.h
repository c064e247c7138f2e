/* SPDX-License-Identifier: MIT */
/*
 * Copying one node to another with several requests in flight.
 *
 * Threads: the main loop of both nodes.
 */
#ifndef CLI_COPY_JOB_H
#define CLI_COPY_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "block/node.h"
#include "loop/co.h"

#define COPY_MAX_EXTENTS 64

struct copy_job {
	/* set by the caller */
	struct node *source, *target; /* target at least as large */
	const char *source_name, *target_name;
	bool target_is_zero;  /* reads as zeroes: holes need no work */
	unsigned nr_requests; /* in flight */
	size_t chunk_bytes;   /* of one request; a power of two */
	size_t sparse_bytes;  /* runs of zeroes to look for, a power of two up
				 to a chunk; 0: none */
	bool stop;	      /* set it at any time to end early */

	/* results; also while it runs */
	uint64_t done_bytes; /* data and zeroes */
	uint64_t data_bytes; /* written */

	/* private */
	struct err *err;
	int ret;		   /* of the first failure */
	struct node_buffer buffer; /* a chunk for each worker */
	char *next_chunk;	   /* of buffer, for the next worker */
	uint64_t bytes;		   /* the source's size */
	uint64_t offset;	   /* where the next piece begins */
	struct co_mutex scan_lock; /* offset and extents */
	struct node_extent extents[COPY_MAX_EXTENTS]; /* from offset on */
	int nr_extents, extent;
};

/*
 * Copy all of the source, then flush the target. Holes and zeroes of the
 * source, and runs of zeroes in its data, are written as zeroes that may be
 * unmapped. Coroutine.
 * Returns 0, or the first failure's -errno, its text naming the offset;
 * requests in flight have ended. -EINTR after stop.
 */
int copy_co_run(struct copy_job *job, struct err *err);

#endif
