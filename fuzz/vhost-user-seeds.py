#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Write the seeds of the vhost-user fuzz target: fuzz/vhost-user-seeds.py

One file for each message, with its reply, and some that are wrong.
"""
import os
import struct

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus",
                      "vhost-user")
FRONTEND, BACKEND, CONFIG = 0, 1, 2
NEED_REPLY, REPLY = 8, 4


def message(number, payload=b"", flags=0):
    return struct.pack("=III", number, 1 | flags, len(payload)) + payload


def ask(number, payload=b"", reply=None, fds=0, reply_fds=0,
        channel=FRONTEND):
    """A request and its reply; without one of its own, that it succeeded."""
    flags = NEED_REPLY if reply is None else 0
    return (bytes([channel, fds | reply_fds << 4]) +
            message(number, payload, flags) +
            message(number, u64(0) if reply is None else reply, REPLY))


def u64(*values):
    return struct.pack(f"={len(values)}Q", *values)


def u32(*values):
    return struct.pack(f"={len(values)}I", *values)


def config(size, data):
    return u32(0, size, 0) + data


REGION = u64(0x100000, 0x8000, 0x7F0000000000, 0x3000)
OTHER = u64(0x200000, 0x1000, 0x300000, 0)
STATE = u32(3, 1)
INFLIGHT = u64(4096, 0) + struct.pack("=HHI", 2, 128, 0)
SPACE = struct.pack("<QIIHBBIBBHIBBHIIIIIBxxx", 2**21, 2**20, 126, 0, 0, 0,
                    512, 3, 0, 1, 8, 1, 0, 4, 32768, 1, 8, 32768, 1, 1)

SEEDS = {
    "get-features": ask(1, reply=u64(0x175007E46)),
    "set-features": ask(2, u64(0x160007E46)),
    "set-owner": ask(3),
    "reset-owner": ask(4),
    "mem-table": ask(5, u32(2, 0) + REGION + OTHER, fds=2),
    "mem-table-empty": ask(5, u32(0, 0)),
    "mem-table-overlap": ask(5, u32(2, 0) + REGION + REGION, fds=2),
    "mem-table-whole": ask(5, u32(2, 0) + REGION + OTHER + bytes(192), fds=2),
    "log-base": ask(6, u64(4096, 0), u64(0), fds=1),
    "log-fd": ask(7, fds=1),
    "vring-num": ask(8, u32(0, 256)),
    "vring-addr": ask(9, u32(0, 1) + u64(0x1000, 0x3000, 0x2000, 0)),
    "vring-base": ask(10, STATE),
    "get-vring-base": ask(11, STATE, STATE),
    "vring-kick": ask(12, u64(1), fds=1),
    "vring-call": ask(13, u64(0x101)),
    "vring-err": ask(14, u64(255), fds=1),
    "get-protocol-features": ask(15, reply=u64(0x8209)),
    "set-protocol-features": ask(16, u64(0x8209)),
    "queue-num": ask(17, reply=u64(16)),
    "vring-enable": ask(18, STATE),
    "backend-req-fd": ask(21, fds=1),
    "get-config": ask(24, config(60, bytes(60)), config(60, SPACE)),
    "get-config-failed": ask(24, config(60, bytes(60)), b""),
    "set-config": ask(25, u32(32, 1, 0) + b"\1"),
    "get-inflight": ask(31, INFLIGHT, INFLIGHT, reply_fds=1),
    "get-inflight-none": ask(31, INFLIGHT, bytes(24)),
    "set-inflight": ask(32, INFLIGHT[:20], fds=1),
    "reset-device": ask(34),
    "mem-slots": ask(36, reply=u64(509)),
    "add-region": ask(37, u64(0) + REGION, fds=1),
    "remove-region": ask(38, u64(0) + REGION),
    "set-status": ask(39, u64(15)),
    "get-status": ask(40, reply=u64(15)),
    "unknown": ask(99, bytes(30), fds=8),
    "config-change": ask(2, channel=BACKEND),
    "too-long": bytes([FRONTEND, 0]) + u32(24, 1, 2**31),
    "blk-config": bytes([CONFIG, 0]) + SPACE,
    "blk-config-short": bytes([CONFIG, 0]) + SPACE[:24],
}

os.makedirs(CORPUS, exist_ok=True)
for name, data in SEEDS.items():
    with open(os.path.join(CORPUS, name), "wb") as f:
        f.write(data)
