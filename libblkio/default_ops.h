/* SPDX-License-Identifier: MIT */
/* Stubs for the slots that a driver leaves unset. */
#ifndef LIBBLKIO_DEFAULT_OPS_H
#define LIBBLKIO_DEFAULT_OPS_H

#include "libblkio/driver.h"

/* Fill the unset slots, so that no caller has to test for NULL. */
void default_ops_overlay(struct driver *ops);

#endif
