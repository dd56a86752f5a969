# SPDX-License-Identifier: GPL-3.0-or-later
"""A token in the hands of another program: refused, told within a second, and then revoked, or the
other program allowed, too, by a press of a person."""
import json
import shutil
import subprocess
import time

import pytest

from caller import Caller
from desktop import wait_for

CURL = shutil.which("curl")
pytestmark = pytest.mark.skipif(CURL is None, reason="curl is not installed")


def granted(app, tmp_path, name="Writer"):
    """A script that holds a token, and the token."""
    caller = Caller(app, tmp_path, name=name)
    dialog = app.window("Access Request")
    wait_for(lambda: app.is_sensitive(app.allow_button()), 10, message="Allow does not arm")
    app.click(app.allow_button(), dialog)
    token = caller.answer()["token"]
    app.wait_gone("Access Request")
    return caller, token


def curl(app, token):
    """Another program with the token; what came of it."""
    body = json.dumps({"model": "demo-fast", "messages": [{"role": "user", "content": "Hello"}]})
    done = subprocess.run((CURL, "-sS", "-w", "%{http_code}", "-d", body,
                           "-H", "Content-Type: application/json",
                           "-H", f"Authorization: Bearer {token}",
                           f"http://127.0.0.1:{app.port}/v1/demo/chat/completions"),
                          capture_output=True, text=True, timeout=30, check=True)
    return int(done.stdout[-3:]), done.stdout[:-3]


def test_told_and_revoked(notifications, app, tmp_path):
    window = app.window()
    caller, token = granted(app, tmp_path)
    started = time.monotonic()
    status, text = curl(app, token)
    assert status == 403 and "wrong_program" in text, text
    told = notifications.next(5)
    assert time.monotonic() - started < 1.5, "told too late"
    assert told["title"] == "Token of Writer used by curl", told
    assert "Installed program" in told["body"] and "curl" in told["body"], told
    assert told["actions"][1::2] == ["", "Show", "Pause This App"], told

    app.says("Tokens in Other Hands")
    curl(app, token)
    app.says("refused 2 times")
    app.press("Token of Writer used by curl", window, role="label")
    time.sleep(0.3)
    app.says("Command line")
    assert token not in app.texts()
    app.picture("misuse", window)
    app.press("Revoke", window)
    wait_for(lambda: curl(app, token)[0] == 401, message="it was not revoked")
    wait_for(lambda: "Tokens in Other Hands" not in app.texts(), message="the row stays")
    caller.leave()


def test_the_other_one_is_allowed_too(notifications, app, tmp_path):
    window = app.window()
    caller, token = granted(app, tmp_path)
    assert curl(app, token)[0] == 403
    app.press("Token of Writer used by curl", window, role="label")
    time.sleep(0.3)
    app.press("Allow curl Too…", window)
    dialog = app.window("Allow Another Program")
    wait_for(lambda: app.is_sensitive(app.allow_button()), 10, message="Allow does not arm")
    app.picture("misuse-allow", dialog)
    app.desktop.atspi.Action.do_action(app.allow_button(), 0)  # by no device
    app.find("password text", "Passphrase or Recovery Code")
    assert curl(app, token)[0] == 403
    app.key("Escape")
    app.wait_gone("Allow Another Program")

    app.press("Allow curl Too…", window)
    dialog = app.window("Allow Another Program")
    wait_for(lambda: app.is_sensitive(app.allow_button()), 10, message="Allow does not arm")
    app.click(app.allow_button(), dialog)
    app.wait_gone("Allow Another Program")
    wait_for(lambda: curl(app, token)[0] == 200, message="it is still refused")
    wait_for(lambda: "Tokens in Other Hands" not in app.texts(), message="the row stays")
    app.press("Writer", window, role="label")
    app.says("and Installed program")
    app.picture("apps-allowed-too", window)
    caller.leave()
