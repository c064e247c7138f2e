/* SPDX-License-Identifier: MIT */
/*
 * The life of an instance, from create to destroy and all between, for tests
 * that make one thing fail on the way. Wherever a call fails it is checked
 * that the fault is told of once and with a text, that the instance is as it
 * was before the call, and that the same call then succeeds; at the end, that
 * no fd and no mapping is left.
 */
#ifndef TESTS_IOU_LIFE_H
#define TESTS_IOU_LIFE_H

#include <stdbool.h>

/* What the test provides. Nothing fails but between on() and off(). */
struct life_faults {
	void (*on)(void);
	void (*off)(void);
	/* whether the one fault of this run has come */
	bool (*hit)(void);
};

/*
 * Live the part on the disk (a file or block device, of LIFE_BYTES or more)
 * with the settings ("name=value", up to NULL). Returns whether a failure was
 * told of.
 */
bool life_run(const struct life_faults *faults, const char *part,
	      const char *disk, char *const *settings);

#define LIFE_BYTES (1024 * 1024)

#endif
