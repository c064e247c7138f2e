#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""libblkio.so.1 exports the symbols of libblkio 1.5.0 without a version, those
of blkio-ext.h with one, and nothing else; its soname is the reference's."""
import re
import subprocess
import sys

LIBRARY = sys.argv[1]

REFERENCE = """
blkio_add_poll_queue blkio_add_queue blkio_alloc_mem_region blkio_connect
blkio_create blkio_destroy blkio_free_mem_region blkio_get_bool
blkio_get_error_msg blkio_get_error_msg_ blkio_get_int blkio_get_poll_queue
blkio_get_queue blkio_get_str blkio_get_uint64 blkio_map_mem_region
blkio_remove_poll_queue blkio_remove_queue blkio_set_bool
blkio_set_error_msg_ blkio_set_int blkio_set_str blkio_set_uint64 blkio_start
blkio_unmap_mem_region
blkioq_close_all_zones blkioq_close_zone blkioq_discard blkioq_do_io
blkioq_do_io_interruptible blkioq_finish_all_zones blkioq_finish_zone
blkioq_flush blkioq_get_completion_fd blkioq_open_all_zones blkioq_open_zone
blkioq_read blkioq_readv blkioq_report_zones blkioq_reset_all_zones
blkioq_reset_zone blkioq_set_completion_fd_enabled blkioq_write
blkioq_write_zeroes blkioq_writev
""".split()

EXTENSION = {
    "BLKIO_EXT_1": "blkio_get_event_fd blkio_get_status blkio_list_drivers "
                   "blkio_list_properties blkio_resize blkioq_block_status "
                   "blkioq_get_id blkioq_get_stats blkioq_reserve".split(),
}


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          text=True).stdout


assert len(REFERENCE) == 45
want = set(REFERENCE) | {f"{symbol}@@{version}"
                         for version, symbols in EXTENSION.items()
                         for symbol in symbols}
lines = [line.split()
         for line in output("nm", "-D", "--defined-only", LIBRARY).splitlines()]
# the version's own name is an absolute symbol; sanitizers add theirs
got = {words[2] for words in lines
       if words[1] != "A" and not words[2].startswith("__")}

failed = False
for symbol in sorted(want - got):
    print("missing:", symbol)
    failed = True
for symbol in sorted(got - want):
    print("not to be exported:", symbol)
    failed = True
soname = re.search(r"SONAME\s+(\S+)", output("objdump", "-p", LIBRARY))
if soname is None or soname.group(1) != "libblkio.so.1":
    print("soname:", soname and soname.group(1))
    failed = True
sys.exit(failed)
