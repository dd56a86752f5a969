# SPDX-License-Identifier: GPL-3.0-or-later
"""Codes that came over the bus, in the hands of another program that knows all of it."""
import json
import shutil
import subprocess

import pytest

from client import GRANTED

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is the other program")


@pytest.mark.parametrize("over", ["socket", "url"])
def test_by_another_program(granting, over):
    """Refused even with the verifier; the code stays good for the program that asked."""
    client = granting.bus.client()
    code, results = client.ask().wait()
    assert code == GRANTED, results
    where = (["--unix-socket", results["redeem"]["socket"], "http://localhost/okap/redeem"]
             if over == "socket" else [results["redeem"]["url"]])
    body = json.dumps({"code": results["code"], "code_verifier": client.verifier})
    done = subprocess.run(["curl", "-sS", "-w", "\n%{http_code}", "-H",
                           "Content-Type: application/json", "-d", body, *where],
                          capture_output=True, text=True, timeout=30, check=True)
    text, _, status = done.stdout.rpartition("\n")
    assert status == "403" and json.loads(text)["error"]["type"] == "wrong_program"
    assert client.redeem(results, over=over)[0] == 200
