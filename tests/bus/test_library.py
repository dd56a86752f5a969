# SPDX-License-Identifier: GPL-3.0-or-later
"""libokap on the session bus: asks there, redeems elsewhere, and ends in each way that there is.
What it is by the Unix socket, tests/integration/test_libokap.py shows."""
import json
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "examples"))
import languages  # noqa: E402
from client import Client  # noqa: E402
from languages import COMMANDS, PYTHON  # noqa: E402

pytestmark = pytest.mark.plain
GIVE_UP = """
import gi
gi.require_version("Okap", "1")
from gi.repository import Gio, GLib, Okap
loop, cancel = GLib.MainLoop(), Gio.Cancellable()
def done(request, result):
    try:
        request.send_finish(result)
    except GLib.Error as error:
        print(error.domain, error.code)
    loop.quit()
request = Okap.AppRequest.new("Quitter", "demo")
request.send_async(cancel, done)
GLib.timeout_add(700, lambda: cancel.cancel())
loop.run()
GLib.timeout_add(300, lambda: loop.quit())
loop.run()
"""


def start(serve, command):
    """Nothing of the socket's folder is there: what comes must have come by the bus."""
    elsewhere = serve.folder / "elsewhere"
    elsewhere.mkdir(mode=0o700, exist_ok=True)
    return languages.start(command, dict(serve.env, XDG_RUNTIME_DIR=str(elsewhere)))


@pytest.mark.parametrize("language", COMMANDS)
def test_granted(serve, language):
    out, error = start(serve, [*COMMANDS[language], "demo", "demo-fast"]).communicate(timeout=60)
    base_url, token = out.split()[-2:] if "okap_" in out else pytest.fail(out + error)
    Client.redeemed.add(token)  # the record of the bus is searched for it
    assert base_url == f"{serve.origin}/v1/demo"


@pytest.mark.parametrize("language", COMMANDS)
def test_refused(new_serve, language):
    serve = new_serve(approve="never")
    out, error = start(serve, [*COMMANDS[language], "demo", "demo-fast"]).communicate(timeout=60)
    assert "okap_" not in out
    assert "user_denied" in error


def test_ends_with_okap(new_serve):
    serve = new_serve(approve="ask", terminal=True)
    asking = start(serve, [*COMMANDS["c"], "demo", "demo-fast"])
    assert "number" in asking.stdout.readline()
    time.sleep(1)
    serve.stop()
    out, error = asking.communicate(timeout=20)
    assert "okap_" not in out
    assert "ended" in error.lower() or "session_ending" in error, error


def test_given_up(new_serve):
    serve = new_serve(approve="ask", terminal=True)
    out, error = start(serve, [PYTHON, "-c", GIVE_UP]).communicate(timeout=60)
    assert out.split() == ["g-io-error-quark", "19"], error
    assert json.loads(serve.run("status", "--json"))["waiting"] == 0
