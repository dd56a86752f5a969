# SPDX-License-Identifier: GPL-3.0-or-later
"""okap:// links that the desktop opens with the real app, and a person in front of it."""
import json
import subprocess
import sys
from pathlib import Path

from gi.repository import GLib

from conftest import app_program
from desktop import wait_for

sys.path.append(str(Path(__file__).resolve().parents[1] / "integration"))
from links import Listener, link, match_code, pkce, request  # noqa: E402

DIALOG = "Access Request"
PATH = "/com/example/Okap"


def redeem(app, code, verifier):
    status, text = app.call("POST", "/okap/redeem", {"code": code, "code_verifier": verifier})
    return status, json.loads(text)


def test_opened_over_the_bus(app):
    """As the desktop does with DBusActivatable; no token passes over the bus."""
    verifier, challenge = pkce()
    with Listener() as listener:
        app.bus.client().call(PATH, "org.freedesktop.Application", "Open",
                              GLib.Variant("(asa{sv})", ([link(request(listener.callback, challenge,
                                                                       state="s 1"))], {})))
        window = app.window(DIALOG)
        wait_for(lambda: match_code(challenge) in app.texts(), message="no number is shown")
        app.allow(window)
        path, params = listener.wait()
        assert path == "/cb" and params["state"] == "s 1"
    status, answer = redeem(app, params["code"], verifier)
    assert status == 200, answer
    app.bus.secrets.append(answer["token"])


def test_told_to_the_app_that_runs(app):
    with Listener() as listener:
        again = subprocess.run((app_program(), link(request(listener.callback, pkce()[1]))),
                               env=app.env, timeout=30)
        assert again.returncode == 0
        app.press("Don’t Allow", app.window(DIALOG))
        assert listener.wait() == ("/cb", {"error": "access_denied"})


def test_started_by_a_link(bus, new_app):
    """What is opened before the app serves is asked when it does, once the vault is open."""
    verifier, challenge = pkce()
    with Listener() as listener:
        app = new_app(args=(link(request(listener.callback, challenge)),)).init().start().open()
        app.allow(app.window(DIALOG))
        code = listener.wait()[1]["code"]
    assert redeem(app, code, verifier)[0] == 200


def test_not_a_request(app):
    """Nothing comes up, and the app goes on."""
    uris = ["okap://approve?request=e30", "https://a.example/", "file:///etc/passwd", "okap:x",
            link(request("http://127.0.0.1:1024/", None))]
    app.bus.client().call(PATH, "org.freedesktop.Application", "Open",
                          GLib.Variant("(asa{sv})", (uris, {})))
    wait_for(lambda: app.stderr().count("opened in vain") == len(uris))
    assert not app.has_window(DIALOG)
