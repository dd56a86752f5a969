# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop's screen saver, for the test to lock and unlock: screen_saver.py in a process."""
import subprocess
import sys
from pathlib import Path


class ScreenSaver:
    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "screen_saver.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        assert self.process.stdout.readline() == "ready\n"

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
