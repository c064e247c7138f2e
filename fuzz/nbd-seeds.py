#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Write the seeds of the NBD fuzz targets: fuzz/nbd-seeds.py

One file for each kind of message, so that a fuzzer need not guess magics.
What fuzzing itself finds worth keeping may be added by hand.
"""
import os
import struct

OPTION, REQUEST = 0x49484156454F5054, 0x25609513
CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


def option(number, data=b"", length=None):
    return struct.pack(">QII", OPTION, number,
                       len(data) if length is None else length) + data


def string(text):
    return struct.pack(">I", len(text)) + text


def info(name, *infos):
    return (string(name) + struct.pack(">H", len(infos)) +
            b"".join(struct.pack(">H", i) for i in infos))


def meta(name, *queries):
    return (string(name) + struct.pack(">I", len(queries)) +
            b"".join(map(string, queries)))


def request(cmd, offset=0, length=0, flags=0, data=b"", cookie=7):
    return struct.pack(">IHHQQI", REQUEST, flags, cmd, cookie, offset,
                       length or len(data)) + data


def mixed(i):
    """Each command but the one that disconnects."""
    cmd = i % 8
    if cmd == 1:
        return request(1, 4096 * i, data=b"m" * 512)
    return request(0 if cmd == 2 else cmd, 4096 * i, 4096)


FLAGS = struct.pack(">I", 3)
INFO = info(b"ro", 0, 1, 2, 3)
META = meta(b"", b"base:", b"base:allocation", b"x:")
STRUCTURED = option(8)
GO = option(7, info(b"", 3))
ALL = STRUCTURED + option(10, meta(b"", b"base:allocation")) + GO
DISC = request(2)

DECODE = {
    "info": b"\0" + INFO,
    "info-bad-count": b"\0" + INFO[:-2],
    "meta": b"\1" + META,
    "meta-wild-count": b"\1" + string(b"") + b"\xff" * 4,
    "name": b"\2" + b"disk",
    "name-nul": b"\2" + b"di\0sk",
    "client-flags": b"\3" + FLAGS,
    "option": b"\4" + option(7),
    "request": b"\5" + request(6, 4096, 512, 3),
}

SERVER = {
    "export-name": option(1) + request(0, 0, 512) + DISC,
    "export-name-zeroes": option(1, b"ro") + request(0, 0, 512) + DISC,
    "export-unknown": option(1, b"none"),
    "abort": option(3) + option(2),
    "starttls": option(5) + option(11) + option(99, b"data") + GO + DISC,
    "too-long": option(6, length=20000) + b"x" * 100,
    "info": option(6, INFO) + option(6, info(b"none")) + option(6, b"x"),
    "meta": STRUCTURED + option(9, META) + option(9, meta(b"")) +
            option(10, META) + GO,
    "read": GO + request(0, 0, 4096) + request(0, 1, 1) + DISC,
    "read-structured": STRUCTURED + GO + request(0, 512, 512, 4) +
                       request(0, 0, 0) + request(0, 2**40, 1),
    "write": GO + request(1, 0, data=b"w" * 600) +
             request(1, 100, data=b"v" * 5, flags=1) + request(3) + DISC,
    "write-skipped": GO + request(1, 262144, data=b"x" * 1000) + request(3),
    "write-half": GO + request(1, 0, 5000) + b"x" * 100,
    "write-cut": GO + request(1, 0, 2**31),
    "zeroes": GO + request(6, 0, 8192) + request(6, 5, 5000, 3) +
              request(6, 0, 4096, 16),
    "trim": GO + request(4, 0, 8192) + request(4, 1, 5000, 1),
    "cache": GO + request(5, 0, 262144),
    "status": ALL + request(7, 0, 262144) + request(7, 4096, 4096, 8),
    "status-none": GO + request(7, 0, 4096),
    "unknown-command": ALL + request(8) + request(0xFFFF, flags=0xFFFF),
    "bad-magic": GO + b"\0" * 28,
    "read-only": option(7, info(b"ro")) + request(1, 0, data=b"x" * 512) +
                 request(6, 0, 512) + request(4, 0, 512) + request(0, 0, 512),
    "odd": option(7, info(b"odd")) + request(1, 511, data=b"x" * 514) +
           request(0, 511, 514) + request(6, 1, 1000) + request(4, 1, 3000),
    "failing": STRUCTURED + option(7, info(b"bad")) + request(0, 0, 512) +
               request(1, 0, data=b"x" * 512) + request(3) + request(6, 0, 9),
    "many": ALL + b"".join(map(mixed, range(24))),
}

# how it is sent: at once, heard to the end; in pieces; closed at once
HOW = {"": 0, "-pieces": 10 << 1, "-closed": 1}


def write(target, seeds):
    folder = os.path.join(CORPUS, target)
    os.makedirs(folder, exist_ok=True)
    for name, data in seeds.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)


write("nbd-decode", DECODE)
write("nbd-server", {name + suffix: bytes([how]) + FLAGS + data
                     for name, data in SERVER.items()
                     for suffix, how in HOW.items()
                     if not suffix or name in ("read", "status", "many")})
