# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop's notifications, as a test reads and answers them."""
import json
import queue
import subprocess
import sys
import threading
from pathlib import Path

from desktop import PATIENCE


class Notifications:
    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "notification_daemon.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.told = queue.Queue()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        assert self.next() == "ready"

    def _read(self):
        for line in self.process.stdout:
            self.told.put(json.loads(line))

    def next(self, seconds=15):
        return self.told.get(timeout=PATIENCE * seconds)

    def nothing(self, seconds):
        """Whether none comes for so long."""
        try:
            self.unexpected = self.told.get(timeout=seconds)
        except queue.Empty:
            return True
        return False

    def choose(self, number, token="a-token", action="default"):
        self.process.stdin.write(f"{number} {token} {action}\n")
        self.process.stdin.flush()

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.thread.join()
        self.process.stdin.close()
        self.process.stdout.close()
