/* SPDX-License-Identifier: MIT */
/*
 * What a C test needs: conditions that end the program with exit status 1
 * and say where and with which values. A test program shows one behaviour;
 * its first line says which. It returns 0, or 77 through check_skip().
 */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* built with ThreadSanitizer, AddressSanitizer */
#ifdef __has_feature
#define HAS_TSAN __has_feature(thread_sanitizer)
#define HAS_ASAN __has_feature(address_sanitizer)
#else
#ifdef __SANITIZE_THREAD__
#define HAS_TSAN 1
#else
#define HAS_TSAN 0
#endif
#ifdef __SANITIZE_ADDRESS__
#define HAS_ASAN 1
#else
#define HAS_ASAN 0
#endif
#endif

#define check(cond)                                                            \
	do {                                                                   \
		if (!(cond)) {                                                 \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__,     \
				__LINE__, #cond);                              \
			exit(1);                                               \
		}                                                              \
	} while (0)

/* integers of any type, shown signed */
#define check_int(got, want)                                                   \
	do {                                                                   \
		long long check_got_ = (long long)(got);                       \
		long long check_want_ = (long long)(want);                     \
		if (check_got_ != check_want_) {                               \
			fprintf(stderr, "%s:%d: %s is %lld, wanted %lld\n",    \
				__FILE__, __LINE__, #got, check_got_,          \
				check_want_);                                  \
			exit(1);                                               \
		}                                                              \
	} while (0)

#define check_str(got, want)                                                   \
	do {                                                                   \
		const char *check_got_ = (got), *check_want_ = (want);         \
		if (strcmp(check_got_, check_want_) != 0) {                    \
			fprintf(stderr, "%s:%d: %s is \"%s\", wanted \"%s\"\n",\
				__FILE__, __LINE__, #got, check_got_,          \
				check_want_);                                  \
			exit(1);                                               \
		}                                                              \
	} while (0)

/* text holds part */
#define check_contains(text, part)                                             \
	do {                                                                   \
		const char *check_text_ = (text), *check_part_ = (part);       \
		if (!strstr(check_text_, check_part_)) {                       \
			fprintf(stderr, "%s:%d: \"%s\" lacks \"%s\"\n",        \
				__FILE__, __LINE__, check_text_, check_part_); \
			exit(1);                                               \
		}                                                              \
	} while (0)

/* can't run here: say why; the harness counts it as skipped */
#define check_skip(why)                                                        \
	do {                                                                   \
		fprintf(stderr, "skipped: %s\n", why);                         \
		exit(77);                                                      \
	} while (0)

#endif
