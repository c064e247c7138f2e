#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Write the seeds of the virtqueue fuzz targets: fuzz/virtqueue-seeds.py

Rings with requests in them, right and wrong ones, that a fuzzer may change:
the steps and places are those of fuzz-virtqueue-device.c and -driver.c. What
fuzzing itself finds worth keeping may be added by hand.
"""
import os
import struct

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
NEXT, WRITE, INDIRECT, AVAIL, USED = 1, 2, 4, 1 << 7, 1 << 15
PACKED, EVENT_IDX, TABLES, IN_ORDER, RECORDS = 1, 2, 4, 8, 16
SIZE = 8
SHAPE = 3  # sizes[3] is 8
TWO_REGIONS = 0x80


def put(at, data):
    return b"".join(
        struct.pack("<BHB", 0, at + i, len(part)) + part
        for i in range(0, len(data), 255) for part in [data[i:i + 255]])


def split_desc(addr, length, flags=0, following=0):
    return struct.pack("<QIHH", addr, length, flags, following)


def packed_desc(addr, length, flags=0, ident=0):
    return struct.pack("<QIHH", addr, length, ident, flags)


def save(target, name, *parts):
    folder = os.path.join(CORPUS, target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(b"".join(p if isinstance(p, bytes) else bytes(p)
                            for p in parts))


# ---- the device: its input is the driver ----

GUEST, DESC, DRIVER, TABLE, DATA = 0x10000, 0, 512, 2400, 3000
POP, PUSH, PUBLISH, KICKS, QUIET = [2, 20], [3, 0], [4], [5], [6]
AGAIN = [7, 0, 0]  # the base is of packed rings only
AGAIN_SPLIT = [7]


def avail(*heads, flags=0):
    return put(DRIVER, struct.pack("<HH", flags, len(heads)) +
               b"".join(struct.pack("<H", h) for h in heads))


def device(name, features, shape, *steps):
    save("virtqueue-device", name, [features, shape], *steps)


def device_split():
    chain = (split_desc(GUEST + DATA, 16, NEXT, 1) +
             split_desc(GUEST + DATA + 16, 512, NEXT | WRITE, 2) +
             split_desc(GUEST + DATA + 528, 1, WRITE))
    serve = [*POP, *PUSH, *PUBLISH]
    device("split-chain", 0, SHAPE, put(DESC, chain), avail(0), serve, POP)
    device("split-two", EVENT_IDX, SHAPE,
           put(DESC, chain + split_desc(GUEST + DATA, 9)), avail(0, 3),
           POP, POP, PUSH, PUSH, PUBLISH, KICKS, QUIET)
    device("split-in-order", IN_ORDER, SHAPE,
           put(DESC, chain + split_desc(GUEST + DATA, 9)), avail(0, 3),
           POP, POP, PUSH, PUSH, PUBLISH)
    device("split-loop", 0, SHAPE,
           put(DESC, split_desc(GUEST + DATA, 16, NEXT, 0)), avail(0), serve)
    device("split-bad-head", 0, SHAPE, avail(SIZE), POP, AGAIN_SPLIT)
    device("split-jump", 0, SHAPE, put(DRIVER, b"\0\0\xff\0"), POP)
    device("split-records", RECORDS, SHAPE,
           put(DESC, chain + split_desc(GUEST + DATA, 9)), avail(0, 3),
           POP, POP, [3, 1], PUBLISH, AGAIN_SPLIT, POP, PUSH, PUBLISH,
           AGAIN_SPLIT)
    across = split_desc(GUEST + 2550, 100, WRITE)
    device("split-across", 0, SHAPE | TWO_REGIONS, put(DESC, across),
           avail(0), serve)
    head = split_desc(GUEST + TABLE, 48, INDIRECT)
    device("split-table", TABLES, SHAPE, put(DESC, head), put(TABLE, chain),
           avail(0), serve)
    device("split-table-across", TABLES, SHAPE | TWO_REGIONS,
           put(DESC, split_desc(GUEST + 2560 - 20, 48, INDIRECT)),
           put(2560 - 20, chain), avail(0), serve)
    device("split-table-nested", TABLES, SHAPE, put(DESC, head),
           put(TABLE, head), avail(0), serve)
    device("split-mixed", TABLES, SHAPE,
           put(DESC, split_desc(GUEST + DATA, 16, NEXT, 1) + head),
           put(TABLE, split_desc(GUEST + DATA, 7, WRITE)),
           put(DESC + 16, split_desc(GUEST + TABLE, 16, INDIRECT)), avail(0),
           serve)


def device_packed():
    chain = (packed_desc(GUEST + DATA, 16, NEXT | AVAIL) +
             packed_desc(GUEST + DATA + 16, 512, NEXT | WRITE | AVAIL) +
             packed_desc(GUEST + DATA + 528, 1, WRITE | AVAIL, 5))
    single = packed_desc(GUEST + DATA, 9, AVAIL, 6)
    serve = [*POP, *PUSH, *PUBLISH]
    device("packed-chain", PACKED, SHAPE, put(DESC, chain + single), POP, POP,
           [3, 1], PUSH, PUBLISH, KICKS)
    laps = [step for lap in range(3)
            for step in (put(DESC, packed_desc(
                GUEST + DATA, 9, AVAIL if lap % 2 == 0 else USED) * SIZE),
                [*POP, *PUSH] * SIZE, PUBLISH)]
    device("packed-laps", PACKED | EVENT_IDX, SHAPE, *laps)
    device("packed-endless", PACKED, SHAPE,
           put(DESC, packed_desc(GUEST + DATA, 9, NEXT | AVAIL) * SIZE), POP,
           AGAIN, POP)
    device("packed-stops", PACKED, SHAPE, put(DESC, chain[:32]), POP)
    device("packed-bad-id", PACKED, SHAPE,
           put(DESC, packed_desc(GUEST + DATA, 9, AVAIL, SIZE)), POP)
    device("packed-records", PACKED | RECORDS, SHAPE,
           put(DESC, chain + single), POP, POP, [3, 1], PUBLISH, AGAIN, POP,
           PUSH, AGAIN, POP, PUSH, PUBLISH, AGAIN)
    table = (packed_desc(GUEST + DATA, 16) +
             packed_desc(GUEST + DATA + 16, 512, WRITE))
    device("packed-table", PACKED | TABLES, SHAPE,
           put(DESC, packed_desc(GUEST + TABLE, 32, INDIRECT | AVAIL, 1)),
           put(TABLE, table), serve)


# ---- the driver: its input is the device ----

USED_RING = 192  # of a ring of 8: behind 128 bytes, and 22 on lines of 64
ADD3, ADD1, SHOW, TAKE = [2, 0x13], [2, 0x01], [3], [4]


def used(idx, *elements):
    return put(USED_RING, struct.pack("<HH", 0, idx) +
               b"".join(struct.pack("<II", *e) for e in elements))


def driver(name, features, shape, *steps):
    save("virtqueue-driver", name, [features, shape], *steps)


def driver_seeds():
    driver("split", 0, SHAPE, ADD3, ADD1, SHOW, used(2, (3, 1), (0, 5)),
           TAKE, TAKE, TAKE, ADD3, SHOW)
    driver("split-events", EVENT_IDX, SHAPE, ADD1, SHOW, [5], used(1, (0, 0)),
           TAKE, [6])
    driver("split-tables", TABLES, SHAPE | 0xc0, ADD3, ADD3, SHOW,
           used(1, (1, 5)), TAKE)
    driver("split-batch", IN_ORDER, SHAPE, ADD1, ADD1, ADD3, SHOW,
           used(3, (2, 5)), TAKE, TAKE, TAKE)
    driver("split-bad-id", 0, SHAPE, ADD1, SHOW, used(1, (SIZE, 0)), TAKE)
    driver("split-jump", 0, SHAPE, ADD1, SHOW, used(2, (0, 0)), TAKE, [7],
           ADD1)
    packed = [put(0, packed_desc(0, 5, WRITE | AVAIL | USED, 0)),
              put(48, packed_desc(0, 0, AVAIL | USED, 1))]
    driver("packed", PACKED, SHAPE, ADD3, ADD1, SHOW, *packed, TAKE, TAKE,
           TAKE)
    driver("packed-tables", PACKED | TABLES | EVENT_IDX, SHAPE | 0xc0, ADD3,
           SHOW, [5], packed[0], TAKE)
    driver("packed-batch", PACKED | IN_ORDER, SHAPE, ADD1, ADD1, SHOW,
           put(0, packed_desc(0, 0, AVAIL | USED, 1)), TAKE, TAKE)


device_split()
device_packed()
driver_seeds()
