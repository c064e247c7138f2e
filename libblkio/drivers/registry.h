/* SPDX-License-Identifier: MIT */
/* Every driver that a build may have; registry.c lists those it has. */
#ifndef LIBBLKIO_DRIVERS_REGISTRY_H
#define LIBBLKIO_DRIVERS_REGISTRY_H

#include "libblkio/driver.h"

extern const struct driver iou_driver;
extern const struct driver null_driver;
extern const struct driver ram_driver;
extern const struct driver vu_driver;

#endif
