# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the processes of test-suites.py, each with a bound on its time, and shows what they wrote.

Several may run at once, from threads. What they leave behind becomes our child, since we are their
subreaper, and is ended when none of them runs any more: whose it was is not known.
"""
import ctypes
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
TAIL_LINES = 150
DEADLINE = time.monotonic() + int(os.environ.get("OKAP_TEST_SECONDS", 60 * 60))

lock = threading.Lock()  # held to change what follows, and while orphans are ended
running = set()  # ids of the processes, each leads a session
stopping = False


class Died(Exception):
    """The suite could not run to its end."""


class Killed(Died):
    """A signal ended it."""


def say(text):
    print(text, flush=True)


def show_tail(title, text):
    lines = text.splitlines()
    left_out = f" (the last {TAIL_LINES} of {len(lines)} lines)" if len(lines) > TAIL_LINES else ""
    say("\n".join([f"---- {title}{left_out}", *lines[-TAIL_LINES:], "----"]))


def read(path):
    return path.read_text(errors="replace") if path.exists() else ""


def become_subreaper():
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def end_orphans():
    """Ends what a suite left running: as their subreaper we are the parent of all of them."""
    for _ in range(20):
        children = read(Path(f"/proc/self/task/{os.getpid()}/children")).split()
        for child in children:
            try:
                os.kill(int(child), signal.SIGKILL)
                os.waitpid(int(child), 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        if not children:
            return


def stop_all():
    """Ends what runs, and lets nothing more begin: somebody interrupted us."""
    global stopping
    with lock:
        stopping = True
        for pid in running:
            os.killpg(pid, signal.SIGKILL)


def run(log, command, seconds, env=None, cwd=SOURCE):
    """Runs a command in a session of its own, its output into a file; returns its status."""
    log.parent.mkdir(parents=True, exist_ok=True)
    seconds = min(seconds, DEADLINE - time.monotonic())
    if seconds <= 0 or stopping:
        raise Died("no time was left for it")
    with open(log, "wb") as output, lock:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        running.add(process.pid)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise Died(f"it did not end within {seconds:.0f} s\n" + read(log)) from None
    finally:
        with lock:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            running.remove(process.pid)
            if not running:
                end_orphans()
