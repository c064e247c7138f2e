# SPDX-License-Identifier: MIT
"""QMP, the control protocol of QEMU's programs, as tests need it."""
import json
import socket


class Qmp:
    """A connection to the monitor at a unix socket."""

    def __init__(self, path):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(30)
        s.connect(path)
        self.stream = s.makefile("rw")
        self.events = []
        self.stream.readline()
        self.run("qmp_capabilities")

    def message(self):
        line = self.stream.readline()
        assert line, "QEMU closed its monitor"
        return json.loads(line)

    def run(self, command, **arguments):
        """What the command returns; it must not fail."""
        json.dump({"execute": command, "arguments": arguments}, self.stream)
        self.stream.flush()
        while True:
            answer = self.message()
            if "event" not in answer:
                assert "return" in answer, (command, answer)
                return answer["return"]
            self.events.append((answer["event"], answer.get("data", {})))

    def wait(self, event, **data):
        """Until this event, if it has not come since its last wait."""
        while (event, data) not in self.events:
            got = self.message()
            self.events.append((got["event"], got.get("data", {})))
        self.events.remove((event, data))
