# SPDX-License-Identifier: MIT
"""What the benchmarks share: alternating runs, medians, goals, JSON lines.

A question measures its cases in turn, round after round, so that whatever
disturbs the machine disturbs all of them. A ratio is taken within each round;
its median is compared with the goal, its range is shown. Peers come from the
chroot of tests/interop/setup.
"""
import contextlib
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("BUILD", os.path.join(TOP, "build"))
OUT = os.path.join(BUILD, "bench")
SLUICE = os.path.join(BUILD, "cli", "sluice")
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
FILE_BYTES = 512 << 20
SMALL_FILE_BYTES = 4 << 20


def data_dir():
    """A directory of a real file system; on tmpfs io_uring reads take
    another way (through a worker thread)."""
    folder = os.environ.get("BENCH_DIR", os.path.join(OUT, "data"))
    os.makedirs(folder, exist_ok=True)
    kind = run("stat", "-f", "-c", "%T", folder).strip()
    if kind in ("tmpfs", "ramfs"):
        sys.exit(f"bench: {folder} is on {kind}: set BENCH_DIR to a directory "
                 "on ext4 or the like")
    return os.path.realpath(folder)


def data_file(size=FILE_BYTES):
    """A file of that many bytes without holes, in the page cache."""
    path = os.path.join(data_dir(), f"{size >> 20}M.img")
    if not os.path.exists(path):
        with open(path + ".new", "wb") as image:
            for _ in range(size >> 20):
                image.write(os.urandom(1 << 20))
            os.fsync(image.fileno())
        os.rename(path + ".new", path)
    with open(path, "rb", buffering=0) as image:
        while image.read(1 << 20):
            pass
    return path


def small_file():
    """One that the processor's caches hold as well: what a library adds to a
    request shows beside the kernel's work, not beside the memory's speed."""
    return data_file(SMALL_FILE_BYTES)


def run(*command):
    """What a command prints on stdout; the benchmark ends when it fails."""
    done = subprocess.run([str(word) for word in command], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit(f"bench: exit status {done.returncode}: "
                 f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def peer(*command):
    """The command line that runs a peer's program on our data."""
    return ["env", f"SHARE={data_dir()}",
            os.path.join(TOP, "tests", "interop", "peer"), *command]


def sluice_bench(disk, *options):
    """The result of `sluice bench`, as a dictionary."""
    return json.loads(run(SLUICE, "bench", "--json", "--no-latency", *options,
                          disk))


def qemu_bench(count, depth, options):
    """Requests per second of `qemu-img bench`, 4 KiB reads."""
    said = run(*peer("qemu-img", "bench", "-c", count, "-d", depth, "-s", 4096,
                     "--image-opts", options))
    return count / float(re.search(r"completed in ([\d.]+) sec", said).group(1))


@contextlib.contextmanager
def server(command, address, answers):
    """A server at the unix socket address, while the body runs. It is up once
    answers() says so."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(address)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    end = time.monotonic() + 30
    try:
        while not answers():
            if process.poll() is not None or time.monotonic() > end:
                sys.exit(f"bench: no server: {' '.join(command)}")
            time.sleep(0.001)
        yield process
    finally:
        process.terminate()
        process.wait()


def accepts(address):
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(address) == 0


def resident_kib(process):
    with open(f"/proc/{process.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1])


def cpu_seconds(process):
    """What it has taken of its processors until now."""
    with open(f"/proc/{process.pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def nbd_servers(path, address):
    """Command lines that serve the file path at the unix socket address."""
    return {
        "sluice": [SLUICE, "serve", "--nbd", f"unix:{address}", path],
        "nbdkit file": peer("nbdkit", "-f", "-U", address, "file", path),
        "qemu-storage-daemon": peer(
            "qemu-storage-daemon",
            "--blockdev", f"driver=file,node-name=disk,filename={path}",
            "--nbd-server", f"addr.type=unix,addr.path={address}",
            "--export",
            "type=nbd,id=export,node-name=disk,name=,writable=on"),
    }


def describe_machine():
    """Where the numbers are from."""
    with open("/proc/cpuinfo") as cpuinfo:
        model = re.search(r"model name\s*: (.*)", cpuinfo.read())
    return {
        "cpu": model.group(1) if model else os.uname().machine,
        "cpus": os.cpu_count(),
        "kernel": os.uname().release,
        "commit": subprocess.run(
            ["git", "-C", TOP, "describe", "--always", "--dirty"], text=True,
            stdout=subprocess.PIPE).stdout.strip(),
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


class Question:
    """One question: samples and goals, kept as lines of OUT/NAME.jsonl."""

    def __init__(self, name, asks):
        os.makedirs(OUT, exist_ok=True)
        self.name = name
        self.samples = {}  # case: one value per round
        self.missed = []
        self.file = open(os.path.join(OUT, name + ".jsonl"), "w")
        self.line("question", asks=asks, **describe_machine())
        print(f"{name}: {asks}", flush=True)

    def line(self, kind, **fields):
        print(json.dumps({"kind": kind, "bench": self.name, **fields}),
              file=self.file, flush=True)

    def measure(self, unit, cases, rounds=ROUNDS, warm_up=1):
        """Call each case to warm up, then in turn; each returns a number."""
        for number in range(1 - warm_up, rounds + 1):
            for case, call in cases.items():
                value = call()
                if number > 0:
                    self.samples.setdefault(case, []).append(value)
                    self.line("sample", case=case, round=number, unit=unit,
                              value=value)
        for case in cases:
            values = self.samples[case]
            self.line("median", case=case, unit=unit, low=min(values),
                      median=statistics.median(values), high=max(values))
            print(f"  {case:<34} {statistics.median(values):>14,.6g} {unit}"
                  f"  ({min(values):,.6g} .. {max(values):,.6g})", flush=True)

    def goal(self, what, values, least=None, most=None, within_spread=False):
        """The median of values, held against what is promised; with
        within_spread the upper quartile, held against the least."""
        median = statistics.median(values)
        judged = statistics.quantiles(values)[2] if within_spread else median
        met = judged >= least if least is not None else judged <= most
        wanted = f"at least {least}" if least is not None else \
            f"at most {most}"
        if within_spread:
            wanted += f" within the spread (upper quartile {judged:.3f})"
        self.line("goal", what=what, low=min(values), median=median,
                  high=max(values), wanted=wanted, met=met)
        print(f"  {'met' if met else 'MISSED'}: {what}: {median:.3f} "
              f"({min(values):.3f} .. {max(values):.3f}), {wanted}",
              flush=True)
        if not met:
            self.missed.append(f"{self.name}: {what}: {median:.3f}, {wanted}")

    def ratio(self, ours, theirs, least, within_spread=False):
        """How many times the peer's rate ours is, round by round."""
        self.goal(f"{ours} / {theirs}",
                  [a / b for a, b in zip(self.samples[ours],
                                         self.samples[theirs])],
                  least=least, within_spread=within_spread)

    def most(self, case, limit):
        self.goal(case, self.samples[case], most=limit)

    def finish(self):
        self.file.close()
        for text in self.missed:
            print(f"missed: {text}", file=sys.stderr)
        sys.exit(1 if self.missed else 0)
