/* SPDX-License-Identifier: MIT */
/*
 * How a virtio-blk queue gets over the loss of its device: phases.c. One with
 * a device that can't come back only ever is RUNNING, GONE and DEAD.
 *
 * Failure modes: none but what a transport says at a start. Threads: as told
 * below.
 */
#ifndef LIBBLKIO_DRIVERS_VBLK_PHASES_H
#define LIBBLKIO_DRIVERS_VBLK_PHASES_H

#include "libblkio/drivers/virtio-blk/vblk.h"

/*
 * Whose a queue's ring is: its thread's, but for PARKED, ABANDONED and STARTED,
 * when it is that of the transport's thread. That one begins the phases marked
 * (t), and wakes the queue's then; after STARTED, that has the ring again in
 * whichever phase comes next.
 */
enum vblk_phase {
	VBLK_RUNNING,	/* the usual; what is submitted goes to the ring */
	VBLK_STOPPING,	/* (t) the device is gone: take what it has done */
	VBLK_PARKED,	/* done; requests are held until there is a device */
	VBLK_ABANDONED, /* the same, and the device that there is lies */
	VBLK_STARTED,	/* (t) a device has the ring: go on */
	VBLK_RESUMING,	/* what was held goes to the ring, before all else */
	VBLK_GONE,	/* (t) there will be no device: fail everything */
	VBLK_DEAD,	/* done */
};

/* Acquire: all that the one who set it had done before has happened. */
static inline enum vblk_phase vblk_phase(const struct vblk_queue *q)
{
	return __atomic_load_n(&q->phase, __ATOMIC_ACQUIRE);
}

/* ---- on the queue's thread ---- */

/* Keep r until there is a device, or refuse it if there will be none. */
int vblk_hold(struct vblk_queue *q, struct request *r);

/*
 * What was there has been taken from the ring, which is broken, or was seen
 * in another phase than RUNNING before. May halt the queue.
 */
void vblk_change_phase(struct vblk_queue *q, enum vblk_phase seen, bool broken);

/* Halted: false if the ring is the thread's again. */
bool vblk_stay_halted(struct vblk_queue *q);

/* ---- on the transport's thread ---- */

/* The device is gone, and will come back. Any number of times. */
void vblk_interrupt(struct vblk_dev *d);

/* The device is gone for good. */
void vblk_lost(struct vblk_dev *d);

/* Does a queue say so? Until the device is interrupted or lost. */
bool vblk_is_abandoned(struct vblk_dev *d);

/*
 * Under the instance's lock: start a queue that is PARKED on a device that
 * goes on with the ring as it is, or, with resume false, has never seen it.
 */
int vblk_restart_queue(struct vblk_queue *q, bool resume, struct err *err);

#endif
