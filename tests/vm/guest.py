# SPDX-License-Identifier: MIT
"""A Linux guest in QEMU with vhost-user disks, and the servers of these.

The machine is emulated by TCG. For QEMU 7.2 its two processors take turns in
one thread: no barriers of the guest are executed then, hence all that shares
memory with it, QEMU and the servers, shares one of the host's processors, too.
Otherwise a doorbell can get lost. Nothing waits for ever: every wait has a
deadline, after which Failed tells what was waited for.
"""
import os
import select
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SLUICE = os.path.join(os.environ.get("SLUICE_BUILD", "build"), "cli", "sluice")
DEADLINE_S = 60
# one of those that we may use, not the same for all machines
CPU = sorted(os.sched_getaffinity(0))[
    os.getpid() % len(os.sched_getaffinity(0))]


class Failed(Exception):
    """A condition does not hold; the text says which."""


def check(condition, text):
    if not condition:
        raise Failed(text)


def equal(what, got, wanted):
    check(got == wanted, f"{what}: {got!r}, wanted {wanted!r}")


def wait_until(what, condition, seconds=DEADLINE_S):
    """Until condition() is true."""
    end = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < end, f"not within {seconds} s: {what}")
        time.sleep(0.05)


def spawn(command, **options):
    return subprocess.Popen(["taskset", "-c", str(CPU), *command],
                            stdin=subprocess.DEVNULL, **options)


class Server:
    """sluice serve --vhost-user, which can be killed and started again."""

    def __init__(self, tmp, name, disk, *options):
        self.disk = disk
        self.path = os.path.join(tmp, name + ".sock")
        self.log = os.path.join(tmp, name + ".log")
        self.command = [SLUICE, "serve", "--verbose", "--vhost-user",
                        self.path, *options, disk]
        self.process = None
        self.start()

    def start(self):
        with open(self.log, "a") as log:
            self.process = spawn(self.command, stdout=subprocess.PIPE,
                                 stderr=log)
        # it says so once it serves, or ends
        line = self.process.stdout.readline()
        check(line.endswith(f"vhost-user:{self.path}\n".encode()),
              f"the server does not start: {self.said()}")

    def kill(self):
        """At once, in the middle of whatever it does."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        self.process.terminate()
        status = self.process.wait(DEADLINE_S)
        self.process.stdout.close()
        equal("the server's exit status", status, 0)

    def said(self):
        with open(self.log, errors="replace") as log:
            return log.read()


class Guest:
    """A machine that runs; its disks are as machine() takes them."""

    def __init__(self, tmp, initrd, kernel, disks, options=()):
        self.console = os.path.join(tmp, "console")
        self.errors = os.path.join(tmp, "qemu.log")
        self.buffer = b""
        path = os.path.join(tmp, "commands.sock")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            listener.settimeout(DEADLINE_S)
            with open(self.errors, "w") as log:
                self.process = spawn(
                    machine(disks) + [
                        "-kernel", os.path.join(kernel, "vmlinuz"),
                        "-initrd", initrd, "-append",
                        "console=ttyS0 quiet oops=panic panic=-1",
                        "-serial", "file:" + self.console,
                        "-serial", "unix:" + path, *options],
                    stdout=log, stderr=log)
            try:
                self.serial = listener.accept()[0]
            except TimeoutError:
                self.fail("QEMU does not come up")
            finally:
                os.unlink(path)
        self.wait_boot()

    def fail(self, text):
        """There is no way to go on with it."""
        self.kill()
        said = ""
        for path in self.errors, self.console:
            if os.path.exists(path):
                with open(path, errors="replace") as log:
                    said += "".join(log.readlines()[-40:])
        raise Failed(f"{text}; QEMU and the console:\n{said}")

    def line(self, end):
        while b"\n" not in self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.serial], [], [], left)[0]:
                self.fail("the guest does not answer")
            some = self.serial.recv(65536)
            if not some:
                self.fail("QEMU has ended")
            self.buffer += some
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.decode(errors="replace").rstrip("\r")

    def wait_boot(self):
        line = self.line(time.monotonic() + DEADLINE_S)
        check(line.startswith("^"), f"first line of the guest: {line!r}")

    def status(self, command):
        """Exit status and output of a line for the guest's shell."""
        end = time.monotonic() + DEADLINE_S + 5
        self.serial.sendall(" ".join(command.split()).encode() + b"\n")
        said = []
        while True:
            line = self.line(end)
            if line.startswith("="):
                return int(line[1:]), "\n".join(said)
            if not line.startswith("|"):
                self.fail(f"during {command!r}: {line!r}")
            said.append(line[1:])

    def run(self, command):
        """Output of a command, which must succeed."""
        status, said = self.status(command)
        check(status == 0,
              f"exit status {status} in the guest: {command}\n{said}")
        return said

    def fails(self, command):
        status, said = self.status(command)
        check(status != 0, f"should have failed: {command}\n{said}")
        return said

    def start_reboot(self):
        self.serial.sendall(b"sync; reboot -f\n")

    def reboot(self):
        self.start_reboot()
        self.wait_boot()

    def power_off(self):
        self.serial.sendall(b"sync; poweroff -f\n")
        equal("QEMU's exit status", self.process.wait(DEADLINE_S), 0)
        self.serial.close()

    def kill(self):
        self.process.kill()
        self.process.wait()


def machine(disks, reconnect=True):
    """QEMU's command line: a machine with memory that can be shared, and a
    vhost-user-blk device for each (socket, options of -device)."""
    command = [
        "qemu-system-x86_64", "-no-user-config", "-nodefaults", "-display",
        "none", "-accel", "tcg,thread=single", "-smp", "2", "-cpu",
        "max,cx16=off", "-m", "512", "-machine", "q35,memory-backend=mem",
        "-object", "memory-backend-memfd,id=mem,size=512M,share=on"]
    for i, (path, options) in enumerate(disks):
        command += [
            "-chardev", f"socket,id=char{i},path={path}"
                        + (",reconnect=1" if reconnect else ""),
            "-device", f"vhost-user-blk-pci,id=disk{i},chardev=char{i}"
                       + options]
    return command
