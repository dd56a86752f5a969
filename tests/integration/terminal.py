# SPDX-License-Identifier: GPL-3.0-or-later
"""A program on a terminal of its own, and what it shows there."""
import os
import pty
import select
import termios
import time

from conftest import okap_program


class Terminal:
    """okap on a terminal of its own, as a person sees it."""

    def __init__(self, okap, *args, program=None):
        program = program or okap_program()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(program, [program, *args], okap.env)
        self.unread = ""
        self.shown = ""

    def until(self, text, seconds=20):
        """Reads up to and with text; returns what came."""
        end = time.monotonic() + seconds
        while text not in self.unread:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            assert ready, f"expected {text!r}, saw {self.unread!r}"
            try:
                came = os.read(self.fd, 4096).decode()
            except OSError:
                came = ""
            assert came, f"expected {text!r} before the end, saw {self.unread!r}"
            self.unread += came
            self.shown += came
        before, _, self.unread = self.unread.partition(text)
        return before + text

    def type(self, line):
        os.write(self.fd, line.encode() + b"\n")

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def end(self, how=None):
        if how is not None:
            os.kill(self.pid, how)
        while True:  # what is still shown must be read, or the program cannot end
            ready, _, _ = select.select([self.fd], [], [], 20)
            assert ready, "the program does not end"
            try:
                came = os.read(self.fd, 4096).decode(errors="replace")
            except OSError:
                break
            if not came:
                break
            self.shown += came
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)
