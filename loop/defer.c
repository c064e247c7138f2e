/* SPDX-License-Identifier: MIT */
/*
 * Plug: calls put off to the end of a section.
 *
 * While the calls run the section still counts as open, so that a call that
 * is deferred by one of them joins the queue instead of recursing. The
 * section ends when the queue is empty: who can't proceed must not defer
 * itself again, but wait for an event. A coroutine must not yield in a
 * section that it opened. Nothing fails. Own thread only.
 */
#include <assert.h>

#include "loop/loop_int.h"

bool loop_defers_run(struct loop *loop)
{
	bool ran = false;

	while (loop->defer_first) {
		struct loop_defer *defer = loop->defer_first;

		loop->defer_first = defer->next;
		if (!defer->next)
			loop->defer_end = &loop->defer_first;
		defer->queued = false;
		defer->run(defer);
		ran = true;
	}
	return ran;
}

void loop_defer(struct loop *loop, struct loop_defer *defer)
{
	if (defer->queued)
		return;
	if (!loop->plug_depth) {
		defer->run(defer);
		return;
	}
	defer->queued = true;
	defer->next = NULL;
	*loop->defer_end = defer;
	loop->defer_end = &defer->next;
}

void loop_defer_cancel(struct loop *loop, struct loop_defer *defer)
{
	struct loop_defer **link = &loop->defer_first;

	if (!defer->queued)
		return;
	while (*link != defer)
		link = &(*link)->next;
	*link = defer->next;
	if (!defer->next)
		loop->defer_end = link;
	defer->queued = false;
}

void loop_plug(struct loop *loop)
{
	loop->plug_depth++;
}

void loop_unplug(struct loop *loop)
{
	assert(loop->plug_depth > 0);
	if (loop->plug_depth == 1)
		loop_defers_run(loop);
	loop->plug_depth--;
}
