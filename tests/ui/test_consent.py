# SPDX-License-Identifier: GPL-3.0-or-later
"""The consent dialog: what it says, what it takes to allow, and what never does."""
import json
import re
import time

import pytest

from app import PASSPHRASE
from caller import Caller
from desktop import wait_for


def token_of(answer):
    assert answer.get("status") == "granted", answer
    return answer["token"]


def is_denied(answer):
    return answer.get("status") == "denied" and "token" not in answer


def offset_of_allow(app, dialog):
    x, y = app.centre(app.allow_button(), dialog)
    left, top, _, _ = app.desktop.window_geometry(dialog)
    return x - left, y - top


def test_allow_gives_a_token_that_works(app):
    request = app.request(limits={"monthly_spend": 10.0, "requests_per_minute": 60})
    dialog = app.window("Access Request")
    assert re.search(r"python3\S* running \S+", app.texts())
    app.says("calls itself “Example App”")
    app.says("“Summaries in the editor”")
    app.wait_armed()
    app.picture("consent-light", dialog)
    app.allow(dialog)
    token = token_of(request.wait())
    status, text = app.call("GET", "/okap/grant", token=token)
    assert status == 200 and "demo" in text
    app.says("Example App")


def test_an_early_click_grants_nothing(app):
    first = app.request()
    dialog = app.window("Access Request")
    x, y = offset_of_allow(app, dialog)
    app.key("Escape")
    assert is_denied(first.wait())
    app.wait_gone("Access Request")

    second = app.request()
    dialog = app.window("Access Request")
    left, top, _, _ = app.desktop.window_geometry(dialog)
    mapped = time.monotonic()
    app.desktop.xdotool("mousemove", left + x, top + y)
    while time.monotonic() - mapped < 0.45:
        app.desktop.xdotool("click", 1)
    assert not second.done()
    # A press that began before Allow was armed and ends after it is no click either.
    app.desktop.xdotool("mousedown", 1)
    time.sleep(1.2)
    app.desktop.xdotool("mouseup", 1)
    time.sleep(0.3)
    assert not second.done() and app.has_window("Access Request")
    app.allow(dialog)
    token_of(second.wait())


def test_keys_do_not_allow_by_themselves(app):
    request = app.request()
    app.window("Access Request")
    app.wait_armed()
    for key in ("Return", "KP_Enter", "space", "alt+a", "y", "a"):
        app.key(key)
    time.sleep(0.5)
    assert not request.done() and app.has_window("Access Request")
    app.key("Escape")
    assert is_denied(request.wait())


def test_the_keyboard_alone_can_allow(app):
    request = app.request()
    dialog = app.window("Access Request")
    app.wait_armed()
    focused = app.desktop.atspi.StateType.FOCUSED
    app.key("shift+Tab")
    for _ in range(12):
        time.sleep(0.1)
        if app.allow_button().get_state_set().contains(focused):
            break
        app.key("shift+Tab")
    app.key("space")
    app.wait_gone("Access Request")
    token_of(request.wait())
    assert dialog


def test_an_accessibility_action_does_not_allow(app):
    request = app.request()
    app.window("Access Request")
    app.wait_armed()
    app.desktop.atspi.Action.do_action(app.allow_button(), 0)
    app.find("password text", "Passphrase or Recovery Code")
    time.sleep(0.5)
    assert not request.done()
    app.key("Escape")
    assert is_denied(request.wait())


@pytest.mark.parametrize("how", ["button", "escape", "close"])
def test_refusing(app, how):
    request = app.request()
    dialog = app.window("Access Request")
    if how == "button":
        app.press("Don’t Allow", dialog)
    elif how == "escape":
        app.key("Escape")
    else:
        app.press("Close", dialog, within=app.find(name="Access Request"))
    assert is_denied(request.wait())
    app.wait_gone("Access Request")


def test_a_caller_that_hangs_up_takes_its_dialog_along(app):
    request = app.request()
    app.window("Access Request")
    request.hang_up()
    app.wait_gone("Access Request", 5)
    assert app.process.poll() is None


def test_one_at_a_time_and_armed_anew(app, tmp_path):
    first = app.request(name="First App")
    dialog = app.window("Access Request")
    second = Caller(app, tmp_path, name="Second App")
    app.says("1 more request waiting")
    app.says("First App")
    app.wait_armed()
    x, y = app.centre(app.allow_button(), dialog)
    app.desktop.xdotool("mousemove", x, y, "click", 1, "click", 1, "click", 1)
    token_of(first.wait())
    dialog = app.window("Access Request")
    app.says("Second App")
    assert not second.is_answered()
    app.press("Don’t Allow", dialog)
    assert is_denied(second.answer())
    second.leave()


def test_everything_can_be_narrowed(app):
    request = app.request(models=("demo-fast", "demo-large"),
                          limits={"monthly_spend": 10.0, "daily_spend": 5.0,
                                  "requests_per_minute": 60, "requests_per_day": 1000})
    dialog = app.window("Access Request")
    app.enlarge(dialog)
    app.press("Models", dialog, role="label")
    app.find("check box", "demo-large")
    time.sleep(0.3)
    app.press("demo-large", dialog, role="check box")
    app.press("Dollars a month", dialog, role="spin button")
    app.key("ctrl+a")
    app.desktop.xdotool("type", "3.50")
    app.key("Tab")
    app.press("Requests a minute", dialog, role="spin button")
    app.key("ctrl+a")
    app.desktop.xdotool("type", "9000")
    app.picture("consent-narrowed", dialog)
    app.allow(dialog)
    answer = request.wait()
    token_of(answer)
    details = answer["authorization_details"][0]
    assert details["models"] == ["demo-fast"]
    assert details["limits"]["monthly_spend"] == 3.5
    assert details["limits"]["requests_per_minute"] == 60


def test_without_a_key_one_can_be_added_there(app):
    request = app.request(provider="openai", models=("gpt-4o", "gpt-4o-mini"),
                          capabilities=("chat", "embeddings"))
    dialog = app.window("Access Request")
    app.says("No key for OpenAI yet")
    time.sleep(1.0)
    assert not app.is_sensitive(app.allow_button())
    app.picture("consent-no-key", dialog)
    app.press("Add One…", dialog)
    adding = app.window("Add a Key")
    app.type_into(app.find("text", "Key"), adding, "sk-proj-" + "canaryA1" * 6 + "a91f")
    app.press("Add", adding)
    app.wait_gone("Add a Key")
    app.says("a91f")
    app.wait_armed()
    app.picture("consent-openai", dialog)
    app.allow(dialog)
    token_of(request.wait())
    assert "canaryA1" not in app.texts()


def test_a_locked_vault_is_unlocked_first(new_app):
    app = new_app().init().start()
    app.window()
    request = app.request()
    unlocking = app.window("Unlock Okap")
    app.says("Unlock the vault")
    assert not app.has_window("Access Request")
    app.picture("unlock-for-a-request", unlocking)
    time.sleep(0.3)
    app.desktop.xdotool("type", "--delay", "4", "--", PASSPHRASE)
    app.key("Return")
    dialog = app.window("Access Request", 20)
    assert not request.done()
    app.says("Example App")
    app.allow(dialog)
    token_of(request.wait())


def test_text_from_outside_is_never_markup(app):
    name = "<b>Bank</b> & <a href='https://x'>Co</a>"
    request = app.request(name=name, reason="<span foreground='red'>&amp; trust me</span>",
                          models=("<i>m</i>",))
    dialog = app.window("Access Request")
    app.says(name)
    app.says("<span foreground='red'>&amp; trust me</span>")
    app.picture("consent-markup", dialog)
    app.allow(dialog)
    token_of(request.wait())
    app.says("<b>Bank</b>")


def test_nothing_on_the_bus_approves(app, desktop):
    """The actions that any program of the user can call, all of them."""
    from gi.repository import Gio, GLib
    request = app.request()
    app.window("Access Request")
    app.wait_armed()
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    seen = set()
    for path in ("/com/example/Okap", "/com/example/Okap/window/1", "/com/example/Okap/window/2",
                 "/com/example/Okap/window/3"):
        try:
            names = bus.call_sync("com.example.Okap", path, "org.gtk.Actions", "List", None,
                                  GLib.VariantType("(as)"), 0, 3000, None).unpack()[0]
        except GLib.Error:
            continue
        seen.update(names)
        for name in set(names) - {"quit"}:
            arguments = [GLib.Variant("s", "g_any")] if name == "pause-app" else []
            bus.call_sync("com.example.Okap", path, "org.gtk.Actions", "Activate",
                          GLib.Variant("(sava{sv})", (name, arguments, {})), None, 0, 3000, None)
    assert seen <= {"quit", "about", "help", "show", "show-help-overlay", "lock", "pause-all",
                    "pause-app"}, seen
    time.sleep(0.5)
    assert not request.done() or is_denied(request.wait())
    assert json.dumps(request.answer or {}).find("okap_") < 0


def test_pictures_dark_and_large(new_app):
    for name, options in (("dark", {"dark": True}), ("large-text", {"scale": 2.0})):
        app = new_app(**options).init().start()
        app.unlock()
        request = app.request(limits={"monthly_spend": 10.0, "requests_per_minute": 60})
        dialog = app.window("Access Request")
        app.wait_armed()
        width = app.desktop.window_geometry(dialog)[2]
        height = app.desktop.window_geometry(dialog)[3]
        assert width <= 1280 and height <= 1024
        app.picture(f"consent-{name}", dialog)
        app.allow(dialog)
        token_of(request.wait())
        app.picture(f"apps-{name}", app.window())
        app.stop()


def test_active_again_means_armed_again(app):
    request = app.request()
    dialog = app.window("Access Request")
    app.wait_armed()
    allow, window = app.allow_button(), app.window()
    app.desktop.activate(window)
    wait_for(lambda: not app.is_sensitive(allow), 5,
             message="Allow stays armed while the window is not active")
    app.desktop.xdotool("windowactivate", dialog)
    again = time.monotonic()
    wait_for(lambda: app.is_sensitive(allow), 5, 0.01, "Allow does not arm again")
    assert time.monotonic() - again > 0.6
    app.allow(dialog)
    token_of(request.wait())


def test_a_model_without_a_price_offers_a_ceiling(app):
    """Off by default: such a model is refused under a limit of money until it has a price."""
    request = app.request(provider="demo", models=["demo-unheard-of"],
                          limits={"monthly_spend": 10.0, "requests_per_minute": 60})
    dialog = app.window("Access Request")
    app.says("Models without a known price")
    app.says("Refused while there is a limit of money")
    app.picture("consent-ceiling", dialog)
    app.key("Escape")
    assert is_denied(request.wait())
