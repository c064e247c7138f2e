# SPDX-License-Identifier: MIT
"""What the tests of this folder share: a server, and the protocol by hand.

Server runs nbd-test-server with the arguments given, in a directory of its
own, and in the end stops it and insists on exit status 0 and no clients left,
so that a sanitizer's or valgrind's verdict is heard. NBD_TEST_WRAPPER is put
in front of its command line, NBD_TEST_THREADS says how many loops it has.

Wire is a client that does what it is told, sane or not.
"""
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

WRAPPER = os.environ.get("NBD_TEST_WRAPPER", "").split()
DEADLINE_S = 60  # generous: valgrind and busy machines

OPT_EXPORT_NAME, OPT_ABORT, OPT_LIST, OPT_STARTTLS = 1, 2, 3, 5
OPT_INFO, OPT_GO, OPT_STRUCTURED_REPLY = 6, 7, 8
OPT_LIST_META_CONTEXT, OPT_SET_META_CONTEXT, OPT_EXTENDED_HEADERS = 9, 10, 11
REP_ACK, REP_SERVER, REP_INFO, REP_META_CONTEXT = 1, 2, 3, 4
ERR_UNSUP, ERR_POLICY, ERR_INVALID = 2**31 + 1, 2**31 + 2, 2**31 + 3
ERR_UNKNOWN, ERR_SHUTDOWN, ERR_TOO_BIG = 2**31 + 6, 2**31 + 7, 2**31 + 9
INFO_EXPORT, INFO_NAME, INFO_DESCRIPTION, INFO_BLOCK_SIZE = 0, 1, 2, 3

READ, WRITE, DISC, FLUSH, TRIM, CACHE, WRITE_ZEROES, BLOCK_STATUS = range(8)
FUA, NO_HOLE, DF, REQ_ONE, FAST_ZERO = 1, 2, 4, 8, 16
EPERM, EIO, ENOMEM, EINVAL, ENOSPC = 1, 5, 12, 22, 28
EOVERFLOW, ENOTSUP, ESHUTDOWN = 75, 95, 108

IHAVEOPT = 0x49484156454F5054
KIB, MIB = 1 << 10, 1 << 20


class Closed(Exception):
    """The server ended the connection."""


def check(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(w) for w in what) or "not true")


def shown(value):
    text = repr(value)
    return text if len(text) < 400 else f"{text[:400]}... ({len(text)})"


def equal(got, want, what="value"):
    if got != want:
        raise AssertionError(f"{what}: got {shown(got)}, wanted {shown(want)}")


def skip(why):
    print("skipped:", why, file=sys.stderr)
    sys.exit(77)


def wait_until(what, condition):
    """Until condition() is true; with a deadline, not a hope."""
    end = time.monotonic() + DEADLINE_S
    while True:
        result = condition()
        if result:
            return result
        check(time.monotonic() < end, f"not within {DEADLINE_S} s: {what}")
        time.sleep(0.01)


class Server:
    def __init__(self, *exports, threads=None, read_only=(), address=None,
                 **options):
        self.tmp = tempfile.mkdtemp(prefix="nbd-test.")
        self.address = address or "unix:" + self.tmp + "/s"
        self.program = os.path.join(os.environ["SLUICE_BUILD"], "tests",
                                    "nbd", "nbd-test-server")
        threads = threads or os.environ.get("NBD_TEST_THREADS", "1")
        args = WRAPPER + [self.program, "--threads", str(threads)]
        for export in exports or ("=driver=ram,size=64M",):
            args += ["--export", export]
        for export in read_only:
            args += ["--read-only", export]
        for name, value in options.items():
            args += ["--" + name.replace("_", "-"), str(value)]
        # for those that look at memory: AddressSanitizer hoards what is freed
        env = dict(os.environ)
        env["ASAN_OPTIONS"] = ":".join(filter(None, (
            env.get("ASAN_OPTIONS"), "quarantine_size_mb=1",
            "allocator_release_to_os_interval_ms=0")))
        env.setdefault("UBSAN_OPTIONS", "halt_on_error=1")
        self.log_path = self.tmp + "/log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                args + [self.address], stdout=subprocess.PIPE, stderr=log,
                env=env)
        ready = self.process.stdout.readline().decode().split()
        if ready[:1] != ["ready"]:
            self.process.wait()
            raise AssertionError("no server: " + self.log())
        self.address = ready[1]

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    @property
    def pid(self):
        return self.process.pid

    def uri(self, export=""):
        kind, _, rest = self.address.partition(":")
        if kind == "unix":
            return f"nbd+unix:///{export}?socket={rest}"
        return f"nbd://{self.address}/{export}"

    def connect(self):
        kind, _, rest = self.address.partition(":")
        if kind == "unix":
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(DEADLINE_S)
            s.connect(rest)
        else:
            s = socket.create_connection((kind, int(rest)), DEADLINE_S)
        return s

    def wire(self, **how):
        return Wire(self.connect(), **how)

    def libnbd(self, export="", context=True, **how):
        try:
            import nbd
        except ImportError:
            skip("no python3-libnbd here")
        h = nbd.NBD()
        h.set_strict_mode(0)
        if context:
            h.add_meta_context(nbd.CONTEXT_BASE_ALLOCATION)
        h.connect_uri(self.uri(export))
        return h

    def rss(self):
        """Bytes of memory that the server really has; 0 when that tells
        nothing: valgrind's and ThreadSanitizer's own are many times that."""
        if WRAPPER:
            return 0
        with open(self.program, "rb") as f:
            if b"__tsan_init" in f.read():
                return 0
        with open(f"/proc/{self.pid}/status") as f:
            for line in f:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) * KIB
        raise AssertionError("no RssAnon")

    def cpu_s(self):
        with open(f"/proc/{self.pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def gone(self):
        """Clients that have left, as the log tells."""
        return self.log().count(": gone\n")

    def works(self):
        """A new client is served."""
        with self.wire() as w:
            w.go()
            data = bytes([os.getpid() % 251 + 1]) * 4096
            equal(w.command(WRITE, 8192, data=data), 0, "write")
            equal(w.command(READ, 8192, 4096), (0, data), "read")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self):
        out, _ = self.process.communicate(timeout=DEADLINE_S)
        equal(self.process.returncode, 0, self.log()[-3000:] + "exit status")
        equal(out.decode(), "clients 0\n", "last words")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                if self.process.poll() is None:
                    self.stop()
                equal(self.process.returncode, 0,
                      self.log()[-3000:] + "exit status")
            else:
                print(self.log()[-3000:], file=sys.stderr)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            shutil.rmtree(self.tmp)


class Wire:
    """One connection. greet: take the greeting and send client_flags."""

    def __init__(self, sock, greet=True, client_flags=3):
        self.sock = sock
        self.structured = False
        self.cookie = 0
        self.size = self.flags = None
        if greet:
            magic, opt, self.handshake_flags = struct.unpack(
                ">8sQH", self.take(18))
            equal(magic, b"NBDMAGIC")
            equal(opt, IHAVEOPT)
            self.send(struct.pack(">I", client_flags))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, data):
        try:
            self.sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as e:
            raise Closed from e

    def take(self, n):
        data = bytearray()
        while len(data) < n:
            try:
                part = self.sock.recv(min(n - len(data), MIB))
            except ConnectionResetError as e:
                raise Closed from e
            if not part:
                raise Closed
            data += part
        return bytes(data)

    def at_end(self):
        """The server has closed, and said nothing more."""
        try:
            rest = self.take(1)
        except Closed:
            return True
        raise AssertionError(f"more came: {rest!r}...")

    # ---- handshake ----

    def send_option(self, option, data=b"", length=None, magic=IHAVEOPT):
        self.send(struct.pack(">QII", magic, option,
                              len(data) if length is None else length) + data)

    def take_reply(self, option):
        """(reply type, data)"""
        magic, opt, reply, length = struct.unpack(">QIII", self.take(20))
        equal(magic, 0x3E889045565A9, "reply magic")
        equal(opt, option, "reply's option")
        return reply, self.take(length)

    def take_replies(self, option):
        """Replies up to the final one: ([(type, data)...], final type)"""
        replies = []
        while True:
            reply, data = self.take_reply(option)
            if reply == REP_ACK or reply >= 2**31:
                return replies, reply
            replies.append((reply, data))

    def option(self, option, data=b"", **how):
        self.send_option(option, data, **how)
        return self.take_replies(option)

    def refused(self, option, data=b"", **how):
        """The final reply of an option that is not to succeed."""
        replies, final = self.option(option, data, **how)
        equal(replies, [], "replies before the error")
        return final

    def go(self, name=b"", infos=(), structured=False, context=False):
        """Into the transmission phase."""
        if structured or context:
            equal(self.option(OPT_STRUCTURED_REPLY), ([], REP_ACK))
            self.structured = True
        if context:
            replies, final = self.option(
                OPT_SET_META_CONTEXT, meta_query(name, b"base:allocation"))
            equal((len(replies), final), (1, REP_ACK))
            self.context_id = struct.unpack(">I", replies[0][1][:4])[0]
        replies, final = self.option(OPT_GO, info_query(name, *infos))
        equal(final, REP_ACK, "NBD_OPT_GO")
        self.set_export(replies)
        return self

    def set_export(self, replies):
        for reply, data in replies:
            equal(reply, REP_INFO)
            if data[:2] == b"\0\0":
                self.size, self.flags = struct.unpack(">QH", data[2:])
        check(self.size is not None, "no NBD_INFO_EXPORT")

    # ---- transmission ----

    def send_request(self, cmd, offset=0, length=0, flags=0, data=b"",
                     magic=0x25609513, cookie=None):
        if cookie is None:
            self.cookie += 1
            cookie = self.cookie
        self.send(struct.pack(">IHHQQI", magic, flags, cmd, cookie, offset,
                              length or len(data)) + data)
        return cookie

    def take_simple(self, lengths):
        error, cookie = struct.unpack(">IQ", self.take(12))
        length = lengths(cookie) if callable(lengths) else lengths
        return cookie, error, self.take(length) if error == 0 else b""

    def take_chunk(self):
        flags, kind, cookie, length = struct.unpack(">HHQI", self.take(16))
        data = self.take(length)
        equal(flags, 1, "chunk flags: done")
        if kind == 0:
            equal(data, b"")
            return cookie, 0, b""
        if kind == 1:
            check(length > 8, "content chunk without content")
            self.offset = struct.unpack(">Q", data[:8])[0]
            return cookie, 0, data[8:]
        if kind == 5:
            equal(struct.unpack(">I", data[:4])[0], self.context_id)
            check(length > 4 and length % 8 == 4, "status chunk", length)
            return cookie, 0, data[4:]
        equal(kind, 2**15 + 1, "chunk type")
        error, text = struct.unpack(">IH", data[:6])
        equal(length, 6 + text, "error chunk length")
        check(error != 0 and text > 0, "error chunk without an error")
        return cookie, error, b""

    def take_answer(self, read_length=0):
        """(cookie, error, data); read_length: of a simple reply's data"""
        magic = struct.unpack(">I", self.take(4))[0]
        if magic == 0x67446698:
            return self.take_simple(read_length)
        equal(magic, 0x668E33EF, "reply magic")
        check(self.structured, "chunk without negotiation")
        return self.take_chunk()

    def command(self, cmd, offset=0, length=0, flags=0, data=b""):
        """error, or (error, data) for what gives data"""
        cookie = self.send_request(cmd, offset, length, flags, data)
        got, error, data = self.take_answer(length if cmd == READ else 0)
        equal(got, cookie, "cookie")
        return (error, data) if cmd in (READ, BLOCK_STATUS) else error

    def extents(self, offset, length, flags=0):
        """[(length, state)...] of a block status that is to succeed"""
        error, data = self.command(BLOCK_STATUS, offset, length, flags)
        equal(error, 0, "block status")
        return [struct.unpack(">II", data[i:i + 8])
                for i in range(0, len(data), 8)]


def info_query(name=b"", *infos, count=None, name_len=None):
    return (struct.pack(">I", len(name) if name_len is None else name_len) +
            name + struct.pack(">H", len(infos) if count is None else count) +
            b"".join(struct.pack(">H", i) for i in infos))


def meta_query(name=b"", *queries, count=None):
    return (struct.pack(">I", len(name)) + name +
            struct.pack(">I", len(queries) if count is None else count) +
            b"".join(struct.pack(">I", len(q)) + q for q in queries))
