# SPDX-License-Identifier: GPL-3.0-or-later
"""The window: apps, keys, activity, lock."""
import signal
import subprocess
import time

import pytest

from app import app_program
from desktop import wait_for


def granted(app, **kwargs):
    request = app.request(**kwargs)
    app.allow(app.window("Access Request"))
    answer = request.wait()
    assert answer["status"] == "granted"
    return answer["token"]


def chat(app, token, model="demo-fast", stream=False):
    return app.call("POST", "/v1/demo/chat/completions",
                    {"model": model, "stream": stream,
                     "messages": [{"role": "user", "content": "Hello"}]}, token)


def test_pause_resume_revoke(app):
    window = app.window()
    token = granted(app)
    for _ in range(3):
        assert chat(app, token)[0] == 200
    app.says("Just now")
    app.picture("apps", window)
    app.press("Example App", window, role="label")
    app.says("Asked by")
    time.sleep(0.3)
    app.picture("apps-details", window)

    app.press("Pause", window)
    app.says("Paused")
    assert chat(app, token)[0] == 403
    app.press("Resume", window)
    app.says("Active")
    assert chat(app, token)[0] == 200

    app.press("Revoke", window)
    time.sleep(1.0)  # not while the row moves: see GTK_RACE in conftest.py
    app.says("No Longer")
    app.press("Show or hide the apps that no longer may use your keys", window)
    app.says("Revoked")
    status, text = chat(app, token)
    assert status == 401 and "token_revoked" in text
    app.picture("apps-revoked", window)


def test_activity_is_live(app):
    window = app.window()
    token = granted(app)
    app.go_to("Activity", window)
    assert chat(app, token)[0] == 200
    app.says("demo-fast")
    assert chat(app, token, model="demo-large", stream=True)[0] == 200
    app.says("demo-large")
    assert chat(app, token, model="nothing")[0] == 403
    app.picture("activity-live", window)


def test_lock_and_a_wrong_passphrase(app):
    window = app.window()
    token = granted(app)
    app.press("Lock", window)
    app.find("label", "Okap Is Locked")
    assert chat(app, token)[0] == 423
    time.sleep(0.3)
    app.picture("unlock", window)
    app.type_into(app.find("text", "Passphrase or Recovery Code"), window, "not the passphrase")
    app.key("Return")
    app.says("That does not open this vault", 20)
    assert chat(app, token)[0] == 423
    app.unlock()
    wait_for(lambda: chat(app, token)[0] == 200)  # once the grants are read


def test_a_narrow_window(app):
    window = app.window()
    granted(app)
    app.desktop.xdotool("windowsize", "--sync", window, 370, 640)
    time.sleep(0.5)
    app.picture("narrow", window)
    assert app.desktop.window_geometry(window)[2] <= 372


@pytest.mark.parametrize("how", ["ctrl+w", "ctrl+q", "SIGTERM"])
def test_it_ends_in_order(app, how):
    app.configure("background=false")  # while it runs; else it goes on without its window
    token = granted(app)
    window = app.window()
    request = app.request(capabilities=["chat", "embeddings"])  # for what it has, nobody is asked
    app.window("Access Request")
    if how == "SIGTERM":
        app.process.send_signal(signal.SIGTERM)
    else:
        app.key("Escape")
        app.wait_gone("Access Request")
        app.desktop.activate(window)
        app.key(how)
    app.ends()
    assert "token" not in request.wait()
    app.start()
    app.unlock()
    wait_for(lambda: chat(app, token)[0] == 200)  # once the grants are read


def test_in_the_background(new_app):
    app = new_app(args=("--background",)).init().start()
    time.sleep(0.5)
    assert not app.has_window("Okap")
    request = app.request()
    app.window("Unlock Okap")
    app.key("Escape")
    assert request.wait()["status"] == "denied"
    assert app.process.poll() is None

    subprocess.run([app_program()], env=app.env, check=True, timeout=20)
    app.window("Okap")


def test_a_second_core_says_so(new_app, app, desktop):
    other = new_app()
    other.env["XDG_RUNTIME_DIR"] = app.env["XDG_RUNTIME_DIR"]
    other.env["DBUS_SESSION_BUS_ADDRESS"] = desktop.new_bus()
    with open(other.stderr_path, "ab") as stderr:
        other.process = subprocess.Popen([app_program()], env=other.env, stderr=stderr)
    other.pid = other.process.pid
    window = other.window("Okap")
    time.sleep(1.0)
    other.picture("already-running", window)
