/* SPDX-License-Identifier: MIT */
/*
 * Public entry points, control path: take the lock, do it, keep the error's
 * text for the thread. The errnos are in blkio.h and blkio-ext.h.
 */
#include <errno.h>

#include "libblkio/api.h"
#include "libblkio/device.h"
#include "libblkio/error_msg.h"
#include "libblkio/property.h"
#include "libblkio/regions.h"
#include "libblkio/status.h"

/* The value of call, made under b's lock; it fills err when it fails. */
#define LOCKED(b, call)                                   \
	({                                                \
		struct err err = ERR_INIT;                \
		int ret_ = lock(b, &err);                 \
                                                          \
		if (ret_ == 0) {                          \
			ret_ = (call);                    \
			pthread_mutex_unlock(&(b)->lock); \
		}                                         \
		error_msg_result(ret_, &err);             \
	})

static int lock(struct blkio *b, struct err *err)
{
	if (!b)
		return err_set(err, EINVAL, "instance must be non-NULL");
	pthread_mutex_lock(&b->lock);
	return 0;
}

static int null_argument(const char *what)
{
	return error_msg_set(EINVAL, "%s must be non-NULL", what);
}

/* ---- life ---- */

BLKIO_PUBLIC int blkio_create(const char *driver, struct blkio **bp)
{
	struct err err = ERR_INIT;

	if (!bp)
		return null_argument("bp");
	*bp = NULL;
	return error_msg_result(device_create(driver, bp, &err), &err);
}

BLKIO_PUBLIC int blkio_connect(struct blkio *b)
{
	return LOCKED(b, device_connect(b, &err));
}

BLKIO_PUBLIC int blkio_start(struct blkio *b)
{
	return LOCKED(b, device_start(b, &err));
}

BLKIO_PUBLIC void blkio_destroy(struct blkio **bp)
{
	if (bp && *bp) {
		device_destroy(*bp);
		*bp = NULL;
	}
}

BLKIO_PUBLIC int blkio_resize(struct blkio *b, uint64_t size)
{
	return LOCKED(b, device_resize(b, size, &err));
}

BLKIO_PUBLIC int blkio_get_status(struct blkio *b, struct blkio_status *status)
{
	if (!status)
		return null_argument("status");
	*status = (struct blkio_status){.connection = BLKIO_CONNECTION_NONE};
	return LOCKED(b, status_get(b, status, &err));
}

BLKIO_PUBLIC int blkio_get_event_fd(struct blkio *b)
{
	return LOCKED(b, status_get_event_fd(b, &err));
}

/* ---- properties ---- */

/* A getter for one type: how its value is called in the union. */
#define DEFINE_GETTER(name_, type_, ctype, field, none)                       \
	BLKIO_PUBLIC int name_(struct blkio *b, const char *name,             \
			       ctype *value)                                  \
	{                                                                     \
		union property_value v = {.field = none};                     \
		int ret;                                                      \
                                                                              \
		if (!value)                                                   \
			return null_argument("value");                        \
		ret = LOCKED(b, property_get(b, name, BLKIO_PROPERTY_##type_, \
					     &v, &err));                      \
		*value = ret < 0 ? none : v.field;                            \
		return ret;                                                   \
	}

#define DEFINE_SETTER(name_, type_, ctype, field)                              \
	BLKIO_PUBLIC int name_(struct blkio *b, const char *name, ctype value) \
	{                                                                      \
		const union property_value v = {.field = value};               \
                                                                               \
		return LOCKED(b, property_set(b, name, BLKIO_PROPERTY_##type_, \
					      &v, &err));                      \
	}

DEFINE_GETTER(blkio_get_bool, BOOL, bool, b, false)
DEFINE_GETTER(blkio_get_int, INT, int, i, 0)
DEFINE_GETTER(blkio_get_uint64, UINT64, uint64_t, u, 0)
DEFINE_SETTER(blkio_set_bool, BOOL, bool, b)
DEFINE_SETTER(blkio_set_int, INT, int, i)
DEFINE_SETTER(blkio_set_uint64, UINT64, uint64_t, u)

BLKIO_PUBLIC int blkio_get_str(struct blkio *b, const char *name, char **value)
{
	if (!value)
		return null_argument("value");
	*value = NULL;
	return LOCKED(b, property_get_text(b, name, value, &err));
}

BLKIO_PUBLIC int blkio_set_str(struct blkio *b, const char *name,
			       const char *value)
{
	return LOCKED(b, property_set_text(b, name, value, &err));
}

BLKIO_PUBLIC int blkio_list_properties(struct blkio *b,
				       struct blkio_property *properties,
				       int max)
{
	if (!properties && max > 0)
		return null_argument("properties");
	return LOCKED(b, property_list(b, properties, max));
}

/* ---- memory regions ---- */

BLKIO_PUBLIC int blkio_alloc_mem_region(struct blkio *b,
					struct blkio_mem_region *region,
					size_t len)
{
	if (!region)
		return null_argument("region");
	return LOCKED(b, regions_alloc(b, region, len, &err));
}

BLKIO_PUBLIC int blkio_map_mem_region(struct blkio *b,
				      const struct blkio_mem_region *region)
{
	if (!region)
		return null_argument("region");
	return LOCKED(b, regions_map(b, region, &err));
}

BLKIO_PUBLIC void blkio_free_mem_region(struct blkio *b,
					const struct blkio_mem_region *region)
{
	if (!b || !region)
		return;
	pthread_mutex_lock(&b->lock);
	regions_free(b, region);
	pthread_mutex_unlock(&b->lock);
}

BLKIO_PUBLIC void blkio_unmap_mem_region(struct blkio *b,
					 const struct blkio_mem_region *region)
{
	if (!b || !region)
		return;
	pthread_mutex_lock(&b->lock);
	regions_unmap(b, region);
	pthread_mutex_unlock(&b->lock);
}

/* ---- queues ---- */

static struct blkioq *get_queue(struct blkio *b, bool poll, int index)
{
	struct blkioq *q;

	if (!b)
		return NULL;
	pthread_mutex_lock(&b->lock);
	q = device_get_queue(b, poll, index);
	pthread_mutex_unlock(&b->lock);
	return q;
}

BLKIO_PUBLIC struct blkioq *blkio_get_queue(struct blkio *b, int index)
{
	return get_queue(b, false, index);
}

BLKIO_PUBLIC struct blkioq *blkio_get_poll_queue(struct blkio *b, int index)
{
	return get_queue(b, true, index);
}

BLKIO_PUBLIC int blkio_add_queue(struct blkio *b)
{
	return LOCKED(b, device_add_queue(b, false, &err));
}

BLKIO_PUBLIC int blkio_add_poll_queue(struct blkio *b)
{
	return LOCKED(b, device_add_queue(b, true, &err));
}

BLKIO_PUBLIC int blkio_remove_queue(struct blkio *b, int index)
{
	return LOCKED(b, device_remove_queue(b, false, index, &err));
}

BLKIO_PUBLIC int blkio_remove_poll_queue(struct blkio *b, int index)
{
	return LOCKED(b, device_remove_queue(b, true, index, &err));
}
