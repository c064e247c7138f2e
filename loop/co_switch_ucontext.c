/* SPDX-License-Identifier: MIT */
/*
 * Context switch for processors that co_switch.h has no assembly for. Slow:
 * swapcontext(3) saves the signal mask, with a system call. Thread rule: as
 * for coroutines.
 */
#include "loop/co_switch.h"

#ifdef CO_UCONTEXT

#include <assert.h>

void co_ctx_init(struct co_ctx *ctx, void *stack, size_t size_bytes,
		 void (*entry)(void))
{
	getcontext(&ctx->uc);
	ctx->uc.uc_stack.ss_sp = stack;
	ctx->uc.uc_stack.ss_size = size_bytes;
	ctx->uc.uc_link = NULL;
	makecontext(&ctx->uc, entry, 0);
}

void co_ctx_switch(struct co_ctx *save, struct co_ctx *load)
{
	int ret = swapcontext(&save->uc, &load->uc);

	assert(ret == 0);
	(void)ret;
}

#endif
