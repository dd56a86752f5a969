# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys: adding, ambiguous ones, testing, replacing, removing, against strict mocks."""
import http.server
import sys
import threading
import time
from pathlib import Path

import pytest

from desktop import wait_for

sys.path.append(str(Path(__file__).parents[1] / "integration"))
from mock_provider import MockProvider  # noqa: E402

OLD = MockProvider.KEY["other"]


@pytest.fixture(scope="module")
def mock():
    mock = MockProvider()
    yield mock
    mock.close()


def open_form(app, window):
    app.press("Add a Key…", window, within=app.page("OkapKeysPage"))
    return app.window("Add a Key")


def type_key(app, dialog, key):
    app.type_into(app.find("text", "Key"), dialog, "")
    app.key("ctrl+a", "Delete")
    app.desktop.xdotool("type", "--delay", "2", "--", key)


def choose(app, dialog, name):
    """One of the buttons that ask whose key it is."""
    app.press(name, dialog)


def test_whose_key_it_is(app):
    """Certain forms are recognised, shared ones asked, those of accounts refused."""
    window = app.window()
    app.go_to("Keys", window)
    app.picture("keys-empty", window)
    dialog = open_form(app, window)
    add = app.find("push button", "Add")
    type_key(app, dialog, "sk-ant-" + "api03-" + "canaryB2" * 11 + "-AbCdEwAA")
    app.says("Looks like a key of Anthropic.")
    wait_for(lambda: app.is_sensitive(add), message="the key is not taken")
    type_key(app, dialog, "sk-" + "0123456789abcdef" * 2)
    app.says("Keys of several providers look like this. Whose is it?")
    assert not app.is_sensitive(add)
    app.picture("key-ambiguous", dialog)
    choose(app, dialog, "DeepSeek")
    wait_for(lambda: app.is_sensitive(add), message="the choice does not count")
    assert "Whose is it?" not in app.texts()
    type_key(app, dialog, "sk-" + "admin-" + "canaryA1" * 6)
    app.says("This key manages your account at OpenAI")
    assert not app.is_sensitive(add)
    app.key("Escape")
    app.wait_gone("Add a Key")
    app.find("label", "No Keys Yet")


def test_a_key_from_its_first_to_its_last_day(app, mock):
    window = app.window()
    app.go_to("Keys", window)
    dialog = open_form(app, window)
    type_key(app, dialog, "x" + OLD)
    app.says("Whose is it?")
    choose(app, dialog, "Another One")
    app.type_into(app.find("text", "Name of the provider, such as my-server"), dialog, "own")
    app.type_into(app.find("text", "Address, such as https://ai.example.com/v1"), dialog,
                  mock.base_url("own"))
    app.type_into(app.find("text", "Label, such as Personal (Optional)"), dialog, "Personal")
    app.picture("key-form", dialog)
    app.press("Add", dialog)
    app.wait_gone("Add a Key")
    # A new key is shown and tested at once; this one is wrong.
    app.says("does not accept this key")
    app.picture("key-wrong", window)

    app.press("Replace Key…", window)
    dialog = app.window("Replace the Key")
    type_key(app, dialog, "y" + OLD)
    app.press("Replace", dialog)
    app.says("The old key stays in use")
    type_key(app, dialog, OLD)
    app.press("Replace", dialog)
    app.wait_gone("Replace the Key")
    app.says("New key since")
    app.picture("key-watched", window)
    app.press("Test", window)
    app.says("accepts this key")
    app.press("Stay with the New Key", window)
    wait_for(lambda: "New key since" not in app.texts(), message="it is still watched")
    assert "canary" not in app.texts()

    app.press("All Keys", window)
    app.says("No app uses it")
    app.picture("keys", window)
    app.press("Personal ····" + OLD[-4:], window, role="label")
    time.sleep(0.5)
    app.enlarge(window)
    label = app.find("text", "Label", within=app.page("OkapKeyDetails"))
    app.type_into(label, window, "")
    app.key("ctrl+a")
    app.desktop.xdotool("type", "--delay", "4", "--", "Work")
    app.key("Return")
    app.says("Work ····" + OLD[-4:])
    app.press("Remove Key…", window)
    time.sleep(0.4)
    app.says("No app uses this key.")
    app.key("alt+r")
    time.sleep(1.0)  # not while the row goes: see GTK_RACE in conftest.py
    app.find("label", "No Keys Yet")


class Provider:
    """Lists models to whoever has one of its keys."""

    def __init__(self, *keys):
        self.keys = set(keys)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                good = self.headers.get("Authorization", "").removeprefix("Bearer ") in outer.keys
                text = b'{"data":[]}' if good else b'{"error":{"code":"invalid_api_key"}}'
                self.send_response(200 if good else 401)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def test_replace_a_key(app):
    old, new = "sk-proj-" + "canaryO1" * 6 + "old1", "sk-proj-" + "canaryN2" * 6 + "new2"
    provider = Provider(old, new)
    window = app.window()
    app.command("keys", "add", "openai", "--label", "Work", "--base-url",
                f"http://127.0.0.1:{provider.server.server_port}/v1", input=old, passphrase=True)
    app.go_to("Keys", window)
    app.press("Work ····old1", window, role="label")
    time.sleep(0.5)
    app.press("Test", window)
    app.says("OpenAI accepts this key")

    app.press("Replace Key…", window)
    dialog = app.window("Replace the Key")
    type_key(app, dialog, new[:-1] + "x")
    app.press("Replace", dialog)
    app.says("does not accept this key")
    app.picture("key-replace-refused", dialog)
    type_key(app, dialog, new)
    app.press("Replace", dialog)
    app.wait_gone("Replace the Key")
    app.says("New key since")
    app.says("new2")
    assert "canary" not in app.texts()

    app.press("Go Back to the Old Key", window)
    app.says("old1")
    wait_for(lambda: "New key since" not in app.texts(), message="it is still watched")

    provider.keys = set()
    app.press("Test", window)
    app.says("OpenAI refuses your key. Apps get no answers until you replace the key.")
    app.go_to("Apps", window)
    app.picture("key-in-trouble", window)
    app.press("Show Keys", window)
    app.says("does not accept this key")
    provider.close()
