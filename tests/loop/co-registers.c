/* SPDX-License-Identifier: MIT */
/* Values that a compiler keeps in registers, integer and floating point,
 * survive switches between coroutines that use the same registers. */
#include "loop/co.h"
#include "tests/loop/loop_test.h"

#define COUNT 8
#define ROUNDS 1000

#ifdef __aarch64__
#define FP "+w"
#elif defined(__x86_64__)
#define FP "+x"
#else
#define FP "+m"
#endif

/* have these in registers here, whatever the compiler thinks of it */
#define PIN(a, b, c, d, e) \
	__asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e))
#define PIN_FP(a, b, c, d) __asm__ volatile("" : FP(a), FP(b), FP(c), FP(d))

static int ended;

static void body(void *arg)
{
	long s = *(int *)arg + 1;
	long a = s, b = 2 * s, c = 3 * s, d = 4 * s, e = 5 * s, f = 6 * s;
	long g = 7 * s, h = 8 * s, i = 9 * s, j = 10 * s;
	double p = s + 0.5, q = s + 1.5, r = s + 2.5, t = s + 3.5;
	double u = s + 4.5, v = s + 5.5, w = s + 6.5, x = s + 7.5;
	long double y = s + 8.5L;

	for (int n = 0; n < ROUNDS; n++) {
		PIN(a, b, c, d, e);
		PIN(f, g, h, i, j);
		PIN_FP(p, q, r, t);
		PIN_FP(u, v, w, x);
		y += 1;
		co_yield();
		a += s, b += s, c += s, d += s, e += s, f += s, g += s;
		h += s, i += s, j += s;
		p += 1, q += 1, r += 1, t += 1, u += 1, v += 1, w += 1, x += 1;
	}
	check_int(a, (ROUNDS + 1) * s);
	check_int(b, (ROUNDS + 2) * s);
	check_int(c, (ROUNDS + 3) * s);
	check_int(d, (ROUNDS + 4) * s);
	check_int(e, (ROUNDS + 5) * s);
	check_int(f, (ROUNDS + 6) * s);
	check_int(g, (ROUNDS + 7) * s);
	check_int(h, (ROUNDS + 8) * s);
	check_int(i, (ROUNDS + 9) * s);
	check_int(j, (ROUNDS + 10) * s);
	check(p == ROUNDS + s + 0.5 && q == ROUNDS + s + 1.5);
	check(r == ROUNDS + s + 2.5 && t == ROUNDS + s + 3.5);
	check(u == ROUNDS + s + 4.5 && v == ROUNDS + s + 5.5);
	check(w == ROUNDS + s + 6.5 && x == ROUNDS + s + 7.5);
	check(y == ROUNDS + s + 8.5L);
	ended++;
}

int main(void)
{
	struct loop *loop = test_loop();
	struct co *all[COUNT];
	int numbers[COUNT];

	for (int i = 0; i < COUNT; i++) {
		numbers[i] = i;
		all[i] = co_create(body, &numbers[i]);
		check(all[i]);
	}
	for (int n = 0; n <= ROUNDS; n++)
		for (int i = 0; i < COUNT; i++)
			co_enter(all[i]);
	check_int(ended, COUNT);
	loop_destroy(loop);
	return 0;
}
