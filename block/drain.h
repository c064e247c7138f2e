/* SPDX-License-Identifier: MIT */
/*
 * Drain, seen from the request path. node.h has the public half.
 */
#ifndef BLOCK_DRAIN_H
#define BLOCK_DRAIN_H

struct node_loop;
struct loop_bh;

/* Yield until the node is no longer drained. */
void co_wait_undrain(struct node_loop *nl);

/* The last request in flight on a held loop has ended. */
void drain_idle(struct node_loop *nl);

void drain_bh(struct loop_bh *bh);

#endif
