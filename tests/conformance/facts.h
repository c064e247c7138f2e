/* SPDX-License-Identifier: MIT */
/*
 * The conformance matrix: what is to be known of a driver, beyond what its
 * device's properties say, to tell what a case should come to. The rows are
 * in matrix.c, with tables of properties in NAME_properties.c.
 */
#ifndef TESTS_CONFORMANCE_FACTS_H
#define TESTS_CONFORMANCE_FACTS_H

#include <stdbool.h>
#include <stddef.h>

struct target;

enum {
	CREATED = 1 << 0,
	CONNECTED = 1 << 1,
	STARTED = 1 << 2,
	READY = CONNECTED | STARTED,
	ALWAYS = CREATED | READY,
};

enum kind {
	MEMORY, /* the driver makes it */
	FILE_DISK,
	LOOP_DISK, /* a loop device */
	VHOST_USER_DISK, /* a file behind qemu-storage-daemon's socket */
	NR_KINDS,
};

enum type { BOOL, INT, UINT64, STR };

struct property_fact {
	const char *name;
	enum type type;
	unsigned readable, settable; /* states */
	const char *created;   /* value before connect; NULL: any */
	const char *connected; /* value after it; NULL: see value, or any */
	/* the value after connect, as text in buf */
	void (*value)(const struct target *t, char *buf, size_t size);
	const char *other; /* a value of the right type; can be set, where
			      anything can */
	const char *bad;   /* of the right type and refused; NULL: none */
	int refused;	   /* errno of setting any value; 0: it can be set */
};

struct property_table {
	const struct property_fact *rows;
	int nr;
};

enum op {
	READ,
	READV,
	WRITE,
	WRITEV,
	WRITE_ZEROES,
	DISCARD,
	FLUSH,
	REPORT_ZONES,
	CLOSE_ZONE,
	FINISH_ZONE,
	OPEN_ZONE,
	RESET_ZONE,
	CLOSE_ALL_ZONES,
	FINISH_ALL_ZONES,
	OPEN_ALL_ZONES,
	RESET_ALL_ZONES,
	NR_OPS,
};

/* The results of requests for ranges at and over the edges: 0 or -errno. */
struct range_facts {
	unsigned align;	 /* bytes; 0: request-alignment */
	int empty;	 /* len 0 */
	int across;	 /* starts before the capacity, ends behind it */
	int behind;	 /* starts at the capacity or behind it */
	int start_huge;	 /* start >= 2^63 */
	int len_4g;	 /* len >= 2^32 */
	int len_1e;	 /* len >= 2^60 */
	int len_huge;	 /* len >= 2^63 */
	int end_huge;	 /* neither, but start + len is */
	bool grows;	 /* what succeeds behind the capacity moves it */
};

/* How to make a request that takes long. */
enum slow_way {
	SLOW_LATENCY, /* property latency-us */
	SLOW_LOCK,    /* another holds the file's lock */
	SLOW_STOP,    /* the server is stopped */
};

struct facts {
	const char *driver;
	enum kind kind;
	const struct property_table *properties;
	bool has_source;   /* "path" or "fd" name the device */
	bool takes_fd;	   /* "fd" does */
	int wrong_file;	   /* errno of connecting to what is no device */
	bool splits;	   /* ranges above max-write-zeroes-len,
			      max-discard-len */
	bool stores;	   /* data can be read back */
	bool fd_enabled;   /* completion fds are, from the start */
	bool poll_all;	   /* poll queues take all requests, not only reads
			      and writes */
	enum slow_way slow;
	/* by class: WRITE_ZEROES without and with NO_UNMAP differ */
	struct range_facts read, write, zeroes, zeroes_keep, discard;
};

/* The driver's row, or NULL. */
const struct facts *facts_find(const char *driver, enum kind kind);

/* Names of properties of all drivers: the contract's table. */
extern const char *const property_names[];
extern const int nr_property_names;

/* The property's row, or NULL: the driver lacks it. */
const struct property_fact *fact_of(const struct target *t, const char *name);

/* Of uring_properties.c, synthetic_properties.c */
extern const struct property_table uring_file_properties;
extern const struct property_table uring_loop_properties;
extern const struct property_table null_properties;
extern const struct property_table ram_properties;
extern const struct property_table vhost_user_properties;

#endif
