#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Random requests, many in flight, against a model in memory; through
libnbd, with simple and with structured replies, over two connections."""
import random

from wire import *

SIZE = 3 * MIB + 777
SLOTS, SLOT = 24, 100 * KIB  # requests in flight never overlap


def run(s, structured, seed):
    import nbd
    rng = random.Random(seed)
    handles = []
    for _ in range(2):
        h = nbd.NBD()
        h.set_request_structured_replies(structured)
        h.connect_uri(s.uri())
        handles.append(h)
    model = bytearray(SIZE)
    handles[0].zero(SIZE, 0)

    def start(h, slot):
        """A request somewhere in the slot: (cookie, check when it's done)"""
        low, high = slot * SLOT, min((slot + 1) * SLOT, SIZE)
        offset = rng.randrange(low, high)
        length = rng.choice((rng.randrange(1, 600), 4096, high - offset))
        length = max(1, min(length, high - offset))
        fua = rng.choice((0, nbd.CMD_FLAG_FUA))
        end = offset + length
        what = rng.randrange(8)
        if what < 3:
            buf = nbd.Buffer(length)
            want = bytes(model[offset:end])
            return (h.aio_pread(buf, offset), lambda: equal(
                buf.to_bytearray(), want, f"read {offset}+{length}"))
        if what < 6:
            data = rng.randbytes(length)
            model[offset:end] = data
            return (h.aio_pwrite(nbd.Buffer.from_bytearray(bytearray(data)),
                                 offset, flags=fua), None)
        if what == 6:
            model[offset:end] = bytes(length)
            return (h.aio_zero(length, offset, flags=fua | rng.choice(
                (0, nbd.CMD_FLAG_NO_HOLE))), None)
        return h.aio_flush(), None

    def finish(h, slot, cookie, done):
        while not h.aio_command_completed(cookie):
            h.poll(-1)
        if done:
            done()

    for _ in range(40):
        running = []
        for slot in rng.sample(range(SLOTS), SLOTS):
            if slot * SLOT < SIZE:
                h = rng.choice(handles)
                running.append((h, slot) + start(h, slot))
        rng.shuffle(running)
        for r in running:
            finish(*r)
    equal(bytes(handles[0].pread(SIZE, 0)), bytes(model), "the whole disk")
    for h in handles:
        h.shutdown()


for disk in ("driver=ram", "driver=ram,latency-us=50",
             "driver=ram,request-alignment=512,buf-alignment=512",
             "driver=ram,needs-mem-regions=true,max-mem-regions=2"):
    size = SIZE if "alignment" not in disk else (SIZE + 511) // 512 * 512
    with Server(f"={disk},size={size}") as s:
        s.libnbd().shutdown()  # or skip
        for structured in False, True:
            for seed in 1, 2:
                run(s, structured, seed)
