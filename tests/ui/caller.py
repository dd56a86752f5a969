# SPDX-License-Identifier: GPL-3.0-or-later
"""A program of its own that asks for access: a script that no other test has, so that Okap tells
it from the others. Started as: python3 SCRIPT PORT; prints the answer."""
import json
import select
import subprocess
import sys
import time

from app import ask_for

SCRIPT = """# {nonce}
import http.client, json, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=600)
connection.request("POST", "/okap/authorize", json.dumps({body!r}),
                   {{"Content-Type": "application/json", "Prefer": "wait=600"}})
try:
    print(connection.getresponse().read().decode(), flush=True)
except http.client.RemoteDisconnected:
    sys.exit()
sys.stdin.read()  # what is granted for this run ends with it
"""


class Caller:
    """Asks, and waits for its answer."""

    made = 0

    def __init__(self, app, folder, name=None, interpreter=sys.executable, **kwargs):
        Caller.made += 1
        self.name = name or f"Caller {Caller.made}"
        self.path = folder / f"caller_{Caller.made}.py"
        body = ask_for(name=self.name, **kwargs)
        self.path.write_text(SCRIPT.format(nonce=f"{time.time_ns()} {Caller.made}", body=body))
        self.process = subprocess.Popen([interpreter, str(self.path), str(app.port)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=dict(app.env, PYTHONDONTWRITEBYTECODE="1"))

    def answer(self):
        """Waits for it; empty if the connection was closed instead."""
        return json.loads(self.process.stdout.readline() or "{}")

    def is_answered(self):
        return bool(select.select((self.process.stdout,), (), (), 0)[0])

    def leave(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
