# SPDX-License-Identifier: GPL-3.0-or-later
"""The Apps page: what an app has, is left with and did; and the ways to change it."""
import json
import subprocess
import time

from app import PASSPHRASE
from desktop import wait_for

LIMITS = {"daily_spend": 2.0, "monthly_spend": 10.0}


def granted(app, **kwargs):
    request = app.request(**kwargs)
    app.allow(app.window("Access Request"))
    answer = request.wait()
    assert answer["status"] == "granted"
    return answer["token"]


def chat(app, token, model="demo-fast"):
    return app.call("POST", "/v1/demo/chat/completions",
                    {"model": model, "messages": [{"role": "user", "content": "Hello"}]}, token)


def limits_of(app, token):
    status, text = app.call("GET", "/okap/grant", token=token)
    assert status == 200, text
    return json.loads(text)


def open_details(app, window, name="Example App"):
    app.enlarge(window)
    app.press(name, window, role="label")
    app.says("What It May Do")
    time.sleep(0.4)


def press_in(app, dialog, title, name, role="label"):
    """Presses what is called NAME in the dialog of that TITLE: other windows may have the same."""
    frame = next(node for node in app.find_all(name=title)
                 if node.get_parent().get_role_name() == "application")
    app.press(name, dialog, role=role, within=frame)
    time.sleep(0.3)


def save(app, window):
    button = app.find("push button", "Save")
    wait_for(lambda: app.is_sensitive(button), 5, message="Save stays insensitive")
    app.click(button, window)


def test_apps(app):
    """One app of the whole life, since each start costs seconds."""
    window = app.window()
    token = granted(app, limits=LIMITS)
    for _ in range(3):
        assert chat(app, token)[0] == 200
    app.says("Just now")
    app.picture("apps-list", window)
    details(app, window, token)
    narrow(app, window, token)
    widen(app, window, token)
    one_more_dollar(app, window)
    snippet(app, window)
    undo(app, window, token)


def details(app, window, token):
    open_details(app, window)
    texts = app.texts()
    for words in ("What Is Left", "of $2.00 a day", "of $10.00 a month", "starts again",
                  "Who It Is", "What It Did Last", "For Developers"):
        assert words in texts, words
    app.picture("apps-details", window)
    app.key("Escape")
    app.says("May Use Your Keys")
    open_details(app, window)
    app.press("Back", window)
    time.sleep(0.3)
    open_details(app, window)


def narrow(app, window, token):
    """What narrows takes no passphrase, and holds at once."""
    app.press("Edit…", window)
    dialog = app.window("Edit Access")
    app.enlarge(dialog)
    app.picture("apps-edit", dialog)
    press_in(app, dialog, "Edit Access", "Models")
    press_in(app, dialog, "Edit Access", "demo-large")
    save(app, dialog)
    app.wait_gone("Edit Access")
    assert chat(app, token, "demo-large")[0] == 403
    assert chat(app, token)[0] == 200


def widen(app, window, token):
    """What widens wants the passphrase: without it there is nothing to press, a wrong one is said
    to be wrong and changes nothing."""
    app.press("Edit…", window)
    dialog = app.window("Edit Access")
    app.enlarge(dialog)
    press_in(app, dialog, "Edit Access", "May be used for")
    press_in(app, dialog, "Edit Access", "Embeddings")
    app.says("This allows more")
    button = app.find("push button", "Save")
    assert not app.is_sensitive(button)
    app.picture("apps-edit-widen", dialog)
    entry = app.find("password text", "Passphrase or Recovery Code")
    app.type_into(entry, dialog, "wrong heron")
    save(app, dialog)
    app.says("That does not open this vault", 20)
    assert app.has_window("Edit Access")
    assert "embeddings" not in str(limits_of(app, token))
    app.type_into(entry, dialog, PASSPHRASE)
    save(app, dialog)
    app.wait_gone("Edit Access", 20)
    assert "embeddings" in str(limits_of(app, token))
    assert PASSPHRASE not in app.texts()


def one_more_dollar(app, window):
    app.press("Allow $1 More Today…", window)
    dialog = app.window("Allow $1.00 More Today?")
    button = app.find("push button", "Allow More")
    assert not app.is_sensitive(button)
    app.picture("apps-more", dialog)
    app.desktop.xdotool("type", "--delay", "4", "--", PASSPHRASE)
    wait_for(lambda: app.is_sensitive(button), 5, message="Allow More stays insensitive")
    app.click(button, dialog)
    app.wait_gone("Allow $1.00 More Today?", 20)
    app.says("of $3.00 a day")
    app.says("$1.00 of it only today")


def snippet(app, window):
    """What is in the clipboard is pasted into the search, which also finds nothing by it."""
    app.desktop.xdotool("click", "--repeat", 40, "--delay", 5, 5)  # to its end
    time.sleep(0.5)
    app.picture("apps-details-end", window)
    app.press("Copy", window)
    app.says("Copied")
    app.key("Escape")
    time.sleep(0.3)
    app.key("ctrl+f")
    time.sleep(0.3)
    app.key("ctrl+v")
    app.says("No Apps Found")
    texts = app.texts()
    assert f"http://127.0.0.1:{app.port}/v1/demo" in texts and "OKAP_TOKEN" in texts
    assert "demo-fast" in texts
    app.picture("apps-search", window)
    app.key("Escape")
    app.says("May Use Your Keys")
    open_details(app, window)


def undo(app, window, token):
    app.press("Revoke", window)
    app.says("can no longer use your keys")
    assert chat(app, token)[0] == 401
    app.picture("apps-revoked", window)
    button = app.find("push button", "Undo")
    app.desktop.atspi.Action.do_action(button, 0)  # no device: nothing
    time.sleep(0.5)
    assert chat(app, token)[0] == 401
    app.click(app.find("push button", "Undo"), window)
    wait_for(lambda: chat(app, token)[0] == 200, 5, message="it is not given back")


def test_by_hand_and_counted_down(app):
    """An app that knows nothing of Okap gets a token by hand; one whose time is short is counted
    down, and ended."""
    window = app.window()
    by_hand(app, window)
    countdown(app, window)


def by_hand(app, window):
    app.press("Add an App by Hand…", window)
    dialog = app.window("Add an App by Hand")
    app.enlarge(dialog)
    app.says("Give the app a name")
    app.desktop.xdotool("type", "--delay", "4", "--", "Old Chat")
    app.says("Choose the program that shall use it.")
    press_in(app, dialog, "Add an App by Hand", "Who may use the token")
    app.key("Down")
    app.key("Return")
    app.says("Whoever gets hold of the token")
    app.picture("apps-by-hand", dialog)
    app.wait_armed()
    app.desktop.atspi.Action.do_action(app.allow_button(), 0)  # no device: the passphrase is wanted
    entry = app.find("password text", "Passphrase or Recovery Code")
    assert not any(line.startswith("okap_") for line in app.texts().splitlines())
    app.type_into(entry, dialog, PASSPHRASE)
    app.wait_armed()
    app.click(app.allow_button(), dialog)
    app.says("It is shown this once", 20)
    app.picture("apps-by-hand-token", dialog)
    token = next(line for line in app.texts().splitlines() if line.startswith("okap_"))
    done = subprocess.run(
        ("curl", "-sS", f"http://127.0.0.1:{app.port}/v1/demo/chat/completions",
         "-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/json",
         "-d", json.dumps({"model": "demo-fast",
                           "messages": [{"role": "user", "content": "Hello"}]})),
        capture_output=True, text=True, timeout=30)
    assert "choices" in done.stdout, done
    app.key("Escape")
    app.wait_gone("Add an App by Hand")
    assert token not in app.texts()
    app.says("You, in Okap’s own window")


def countdown(app, window):
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 12 * 60 - 5))
    token = granted(app, name="Notes", expires=soon)
    app.says("“Notes” may use Demo (built in) for 12 more minutes")
    app.picture("apps-countdown", window)
    app.press("End Now", window)
    wait_for(lambda: chat(app, token)[0] == 401, 5, message="it is not ended")
    wait_for(lambda: "more minutes" not in app.texts(), 5, message="the strip stays")
