/* SPDX-License-Identifier: MIT */
/*
 * Context switch, by hand on x86-64 and aarch64, else with ucontext(3); that
 * fallback is taken everywhere when CO_UCONTEXT is defined (the tests do).
 *
 * A context is where to go on and on which stack. Inline assembly declares
 * all other registers as overwritten, so the compiler saves just those that
 * hold something, and no call or return separates the two sides: a coroutine
 * that runs to its end leaves the CPU's return predictor as it found it.
 * The floating-point control words are not switched: nobody here sets them.
 *
 * gcc's interprocedural passes take assembly for something that touches no
 * static variable of the program, although all the other side's code runs in
 * it. So a function with a switch in it must be CO_SWITCHES.
 *
 * Nothing is written below the stack pointer, where a leaf function may keep
 * its variables (the red zone). The landing pads are for CPUs that check the
 * targets of indirect jumps (x86 IBT, Arm BTI), and no-ops to all others.
 */
#ifndef LOOP_CO_SWITCH_H
#define LOOP_CO_SWITCH_H

#include <stddef.h>
#include <stdint.h>

#if !defined(__x86_64__) && !defined(__aarch64__) && !defined(CO_UCONTEXT)
#define CO_UCONTEXT
#endif

#ifdef CO_UCONTEXT

#include <ucontext.h>

struct co_ctx {
	ucontext_t uc;
};

void co_ctx_init(struct co_ctx *ctx, void *stack, size_t size_bytes,
		 void (*entry)(void));
void co_ctx_switch(struct co_ctx *save, struct co_ctx *load);

#else

struct co_ctx { /* offsets are known to the assembly below */
	void *pc;
	void *sp;
	void *fp;
};

/* The first switch to ctx calls entry, which must not return. */
static inline void co_ctx_init(struct co_ctx *ctx, void *stack,
			       size_t size_bytes, void (*entry)(void))
{
	uintptr_t top = ((uintptr_t)stack + size_bytes) & ~(uintptr_t)15;

#ifdef __x86_64__
	/* as after a call: a return address (0, nowhere) is on the stack */
	top -= 16;
	((uintptr_t *)top)[1] = 0;
	top += 8;
#endif
	ctx->pc = (void *)entry;
	ctx->sp = (void *)top;
	ctx->fp = NULL; /* the end of the chain of frames */
}

#ifdef __x86_64__

#ifdef __AVX512F__
#define CO_CLOBBER_AVX512                                                      \
	, "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22",       \
		"xmm23", "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", \
		"xmm30", "xmm31", "k1", "k2", "k3", "k4", "k5", "k6", "k7"
#else
#define CO_CLOBBER_AVX512
#endif

/* clang-format off */
static inline void co_ctx_switch(struct co_ctx *save, struct co_ctx *load)
{
	__asm__ volatile(
		"leaq	1f(%%rip), %%rax\n\t"
		"movq	%%rax, 0(%0)\n\t"
		"movq	%%rsp, 8(%0)\n\t"
		"movq	%%rbp, 16(%0)\n\t"
		"movq	8(%1), %%rsp\n\t"
		"movq	16(%1), %%rbp\n\t"
		"jmpq	*0(%1)\n"
		"1:	endbr64\n\t"
		: "+D"(save), "+S"(load)
		:
		: "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12",
		  "r13", "r14", "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
		  "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
		  "xmm12", "xmm13", "xmm14", "xmm15", "st", "st(1)", "st(2)",
		  "st(3)", "st(4)", "st(5)", "st(6)", "st(7)", "cc", "memory"
		  CO_CLOBBER_AVX512);
}
/* clang-format on */

#else /* __aarch64__ */

/* clang-format off */
static inline void co_ctx_switch(struct co_ctx *save, struct co_ctx *load)
{
	register struct co_ctx *x0 __asm__("x0") = save;
	register struct co_ctx *x1 __asm__("x1") = load;

	__asm__ volatile(
		"adr	x9, 1f\n\t"
		"mov	x10, sp\n\t"
		"stp	x9, x10, [x0]\n\t"
		"str	x29, [x0, #16]\n\t"
		"ldp	x16, x10, [x1]\n\t"
		"ldr	x29, [x1, #16]\n\t"
		"mov	sp, x10\n\t"
		"br	x16\n"
		"1:	hint	#36\n\t" /* bti j */
		: "+r"(x0), "+r"(x1)
		:
		: "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
		  "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19",
		  "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27",
		  "x28", "x30", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8",
		  "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17",
		  "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25",
		  "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory");
}
/* clang-format on */

#endif
#endif

#if defined(__has_attribute)
#if __has_attribute(noipa)
#define CO_SWITCHES __attribute__((noipa))
#endif
#endif
#ifndef CO_SWITCHES
#define CO_SWITCHES __attribute__((noinline))
#endif

/*
 * For the start of an entry function: tells debuggers and unwinders that
 * there is no caller.
 */
#if defined(__GCC_HAVE_DWARF2_CFI_ASM) && defined(__x86_64__)
#define CO_NO_CALLER() __asm__ volatile(".cfi_undefined rip")
#elif defined(__GCC_HAVE_DWARF2_CFI_ASM) && defined(__aarch64__)
#define CO_NO_CALLER() __asm__ volatile(".cfi_undefined x30")
#else
#define CO_NO_CALLER() ((void)0)
#endif

#endif
