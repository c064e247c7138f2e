/* SPDX-License-Identifier: MIT */
/*
 * A part of a file that a client shares: see shared.h.
 *
 * Failure modes: the descriptor is of no file; the file is shorter than it is
 * said to be, now (refused) or later (guard.h). Threads: the main loop.
 */
#include <errno.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "export/vhost-user-blk/guard.h"
#include "export/vhost-user-blk/shared.h"
#include "util/compiler.h"

/* Of the file's pages: what offsets are multiples of, what faults come in */
static size_t page_bytes_of(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) == 0 && fs.f_type == HUGETLBFS_MAGIC)
		return fs.f_bsize;
	return sysconf(_SC_PAGESIZE);
}

/* Memory that a client has only claimed would fault later. */
static int check_file(int fd, uint64_t offset, uint64_t bytes, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, errno, "shared memory: fstat");
	if (!S_ISREG(st.st_mode))
		return err_set(err, EINVAL,
			       "shared memory: not of a file (mode 0%o)",
			       st.st_mode);
	if (offset > (uint64_t)st.st_size ||
	    bytes > (uint64_t)st.st_size - offset)
		return err_set(
			err, EINVAL,
			"shared memory: 0x%llx bytes at 0x%llx of a file that "
			"has 0x%llx",
			(unsigned long long)bytes, (unsigned long long)offset,
			(unsigned long long)st.st_size);
	return 0;
}

int vub_map(struct vub_mapping *m, int fd, uint64_t offset, uint64_t bytes,
	    atomic_bool *lost, struct err *err)
{
	size_t page = page_bytes_of(fd);
	uint64_t start = ALIGN_DOWN(offset, page);
	size_t map_bytes = ALIGN_UP(offset - start + bytes, page);
	int ret = check_file(fd, offset, bytes, err);
	void *map;

	if (ret < 0)
		return ret;
	map = mmap(NULL, map_bytes, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_NORESERVE, fd, start);
	if (map == MAP_FAILED)
		return err_sys(err, errno, "shared memory: mapping 0x%zx bytes",
			       map_bytes);
	ret = guard_add(map, map_bytes, page, lost, err);
	if (ret < 0) {
		munmap(map, map_bytes);
		return ret;
	}
	/* not part of a core dump of ours */
	madvise(map, map_bytes, MADV_DONTDUMP);
	*m = (struct vub_mapping){
		.map = map,
		.map_bytes = map_bytes,
		.skip_bytes = offset - start,
	};
	return 0;
}

void vub_unmap(struct vub_mapping *m)
{
	if (!m->map)
		return;
	guard_remove(m->map);
	munmap(m->map, m->map_bytes);
	m->map = NULL;
}
