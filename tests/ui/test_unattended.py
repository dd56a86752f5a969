# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that a program can call approves anything: all that the app puts on the buses is called,
while a question is open."""
import json
import time
import xml.etree.ElementTree as ET

import pytest

from app import PASSPHRASE
from caller import Caller
from desktop import wait_for

NAME = "com.example.Okap"
# Ends the app or the question, or hides it behind the lock; told apart below.
ENDS = {"quit", "lock", "pause-all"}
STANDARD = {"org.freedesktop.DBus.Peer", "org.freedesktop.DBus.Introspectable"}


def argument_for(signature):
    """A value of a type, such that a method may do something with it."""
    from gi.repository import GLib
    simple = {"s": "allow", "o": "/com/example/Okap", "u": 1, "i": 1, "b": True, "x": 1, "t": 1,
              "d": 1.0, "y": 1, "n": 1, "q": 1, "g": "s"}
    if signature in simple:
        return GLib.Variant(signature, simple[signature])
    if signature == "v":
        return GLib.Variant("v", GLib.Variant("s", "allow"))
    if signature.startswith("a"):
        return GLib.Variant(signature, {} if signature.startswith("a{") else [])
    if signature.startswith("("):
        return GLib.Variant.new_tuple(*map(argument_for, GLib.Variant.split_signature(signature)))
    raise AssertionError(f"no value for {signature}")


class Bus:
    """All objects of the app on the session bus, and everything that can be called on them."""

    def __init__(self):
        from gi.repository import Gio
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.called = []

    def call(self, path, interface, method, parameters):
        from gi.repository import GLib
        self.called.append(f"{path} {interface}.{method}")
        try:
            return self.bus.call_sync(NAME, path, interface, method, parameters, None, 0, 3000,
                                      None)
        except GLib.Error:
            return None

    def objects(self, path="/"):
        from gi.repository import GLib
        answer = self.bus.call_sync(NAME, path, "org.freedesktop.DBus.Introspectable",
                                    "Introspect", None, GLib.VariantType("(s)"), 0, 3000, None)
        node = ET.fromstring(answer.unpack()[0])
        yield path, node
        for child in node.findall("node"):
            yield from self.objects(path.rstrip("/") + "/" + child.get("name"))

    def actions(self, path):
        answer = self.call(path, "org.gtk.Actions", "List", None)
        return answer.unpack()[0] if answer is not None else []

    def call_everything(self):
        from gi.repository import GLib
        names = set()
        for path, node in list(self.objects()):
            for interface in node.findall("interface"):
                kind = interface.get("name")
                if kind in STANDARD:
                    continue
                for method in interface.findall("method"):
                    arguments = [argument_for(a.get("type")) for a in method.findall("arg")
                                 if a.get("direction") != "out"]
                    self.call(path, kind, method.get("name"), GLib.Variant.new_tuple(*arguments))
                for prop in interface.findall("property"):
                    self.call(path, "org.freedesktop.DBus.Properties", "Set", GLib.Variant(
                        "(ssv)", (kind, prop.get("name"), argument_for(prop.get("type")))))
            for name in self.actions(path):
                names.add(name)
                if name in ENDS:
                    continue
                for interface, method, variant in (
                        ("org.gtk.Actions", "Activate", ("(sava{sv})", (name, [], {}))),
                        ("org.gtk.Actions", "SetState",
                         ("(sva{sv})", (name, GLib.Variant("b", True), {}))),
                        ("org.freedesktop.Application", "ActivateAction",
                         ("(sava{sv})", (name, [], {})))):
                    self.call(path, interface, method, GLib.Variant(*variant))
        return names


def test_nothing_on_the_session_bus_approves(app, tmp_path):
    caller = Caller(app, tmp_path)
    dialog = app.window("Access Request")
    wait_for(lambda: app.is_sensitive(app.allow_button()), 10, message="Allow does not arm")
    bus = Bus()
    names = bus.call_everything()
    assert names <= {"quit", "about", "help", "show", "show-help-overlay", "lock", "page",
                     "pause-all", "pause-app", "preferences"}, names
    assert len(bus.called) > 20, bus.called
    time.sleep(0.5)
    print(f"{len(bus.called)} calls over the session bus, 0 grants")
    paths = [path for path, _ in bus.objects()]  # nobody is there to ask after the first
    for name in ENDS & names:
        for path in paths:
            from gi.repository import GLib
            bus.call(path, "org.gtk.Actions", "Activate",
                     GLib.Variant("(sava{sv})", (name, [], {})))
    answer = caller.answer()
    assert answer.get("status") in ("denied", None) and "okap_" not in str(answer), answer
    assert dialog
    caller.leave()
    app.ends()


# What can be pressed and opens no menu, which would take the focus away and so disarm Allow. Of
# other widgets GTK 4.8 offers actions whose call makes it crash.
PRESSED = {"push button", "check box", "switch"}


def actions_of(node):
    try:
        return min(node.get_n_actions(), 1) if node.get_role_name() in PRESSED else 0
    except Exception:  # it went while we looked
        return 0


def test_no_action_on_the_accessibility_bus_approves(app, tmp_path):
    """Every widget of the dialog that offers an action, Allow more than once; but for those that
    refuse or close, which would end the question."""
    caller = Caller(app, tmp_path)
    app.window("Access Request")
    wait_for(lambda: app.is_sensitive(app.allow_button()), 10, message="Allow does not arm")
    frame = app.find(name="Access Request")
    done = 0
    for _ in range(2):
        for node in list(app.desktop.walk(frame)):
            try:
                name = node.get_name() or ""
            except Exception:
                continue
            if name in ("Don’t Allow", "Close", "Not Now") or "Allow" == name:
                continue
            for number in range(actions_of(node)):
                app.desktop.atspi.Action.do_action(node, number)
                done += 1
        if not app.has_window("Access Request"):
            break
        if not app.find_all("password text"):
            wait_for(lambda: app.is_sensitive(app.allow_button()), 10,
                     message="Allow does not arm")
        for number in range(actions_of(app.allow_button())):
            app.desktop.atspi.Action.do_action(app.allow_button(), number)
            done += 1
        time.sleep(0.3)
    app.find("password text", "Passphrase or Recovery Code")
    print(f"{done} actions over the accessibility bus, 0 grants")
    assert not caller.is_answered()
    caller.leave()
    app.wait_gone("Access Request")
    app.find("label", "No Apps Yet")


def test_a_press_by_no_device_takes_the_passphrase(app, tmp_path):
    """A screen reader's press works, with the passphrase; a wrong one is said to be wrong."""
    caller = Caller(app, tmp_path)
    dialog = app.window("Access Request")
    wait_for(lambda: app.is_sensitive(app.allow_button()), 10, message="Allow does not arm")
    app.desktop.atspi.Action.do_action(app.allow_button(), 0)
    entry = app.find("password text", "Passphrase or Recovery Code")
    assert not app.is_sensitive(app.allow_button())
    app.picture("consent-step-up", dialog)

    app.desktop.xdotool("type", "--delay", "4", "--", "wrong heron")
    app.key("Return")  # at once: Allow is not armed yet
    time.sleep(0.3)
    assert app.has_window("Access Request")
    assert "does not open" not in app.texts()
    wait_for(lambda: app.is_sensitive(app.allow_button()), 10, message="Allow does not arm")
    app.key("Return")
    app.says("That does not open this vault", 20)
    assert app.has_window("Access Request")
    app.picture("consent-step-up-wrong", dialog)

    app.desktop.xdotool("type", "--delay", "4", "--", PASSPHRASE)
    wait_for(lambda: app.is_sensitive(app.allow_button()), 10, message="Allow does not arm")
    app.desktop.atspi.Action.do_action(app.allow_button(), 0)
    answer = caller.answer()
    assert answer["status"] == "granted", answer
    app.wait_gone("Access Request")
    assert PASSPHRASE not in app.texts() and entry is not None
    caller.leave()


@pytest.mark.parametrize("key", [None, "x"])
def test_what_was_no_press_lends_nothing(app, tmp_path, key):
    """A press that is let go elsewhere, and a key that presses no button: an action over the
    accessibility bus in the same moment is still nobody's press."""
    caller = Caller(app, tmp_path)
    dialog = app.window("Access Request")
    wait_for(lambda: app.is_sensitive(app.allow_button()), 10, message="Allow does not arm")
    button = app.allow_button()
    x, y = app.centre(button, dialog)
    app.desktop.xdotool("mousemove", x, y, "mousedown", 1, "mousemove", x - 300, y - 200,
                        "mouseup", 1)
    if key is not None:  # the press gave the button the focus
        time.sleep(0.8)
        app.key(key)
    app.desktop.atspi.Action.do_action(button, 0)
    app.find("password text", "Passphrase or Recovery Code")
    assert not caller.is_answered()
    caller.leave()
    app.wait_gone("Access Request")


HINT = "A program cannot press it for you"


def test_resuming_takes_a_device(app):
    """What a pause took comes back by no action on the accessibility bus."""
    window = app.window()
    request = app.request()
    app.allow(app.window("Access Request"))
    token = request.wait()["token"]
    body = {"model": "demo-fast", "messages": [{"role": "user", "content": "Hello"}]}

    def status():
        return app.call("POST", "/v1/demo/chat/completions", body, token)[0]

    assert status() == 200
    app.press("Example App", window, role="label")
    time.sleep(0.5)
    app.press("Pause", window)
    resume = app.find("push button", "Resume")
    app.desktop.atspi.Action.do_action(resume, 0)
    app.says(HINT)
    assert status() == 403
    app.press("Resume", window)
    wait_for(lambda: status() == 200, message="a press by a person does not resume")


def test_ending_a_block_takes_a_device(app):
    """So does the right to ask again."""
    request = app.request(name="Pest")
    dialog = app.window("Access Request")
    button = app.find("push button", "Don’t Allow")
    x, y = app.centre(button, dialog)
    half = app.desktop.box(button).width // 2
    app.desktop.xdotool("mousemove", x + half + 20, y, "click", 1)
    time.sleep(0.3)
    app.key("Down", "Down", "Return")
    assert request.wait()["status"] == "denied"
    app.wait_gone("Access Request")
    app.says("Not Asked For")
    assert HINT not in app.texts()
    app.desktop.atspi.Action.do_action(app.find("push button", "End"), 0)
    app.says(HINT)
    assert "Not Asked For" in app.texts()
    app.press("End", app.window())
    wait_for(lambda: "Not Asked For" not in app.texts(), message="the row stays")


def test_resuming_all_takes_a_device(app):
    """Neither the tray's menu nor an action on the session or the accessibility bus undoes the
    panic switch: whatever can be called is called. That a press does, test_tray.py shows."""
    from gi.repository import GLib
    app.window()
    request = app.request()
    app.allow(app.window("Access Request"))
    token = request.wait()["token"]
    body = {"model": "demo-fast", "messages": [{"role": "user", "content": "Hello"}]}

    def status():
        return app.call("POST", "/v1/demo/chat/completions", body, token)[0]

    pause = app.find("push button", "Pause All Apps")
    app.desktop.atspi.Action.do_action(pause, 0)  # to pause is anybody's
    app.says("All apps are paused")
    assert status() == 403
    for name in ("Resume All Apps", "Resume"):
        app.desktop.atspi.Action.do_action(app.find("push button", name), 0)
        app.says(HINT)
        assert status() == 403

    bus = Bus()
    names = bus.call_everything()
    bus.call("/com/example/Okap", "org.gtk.Actions", "Activate",
             GLib.Variant("(sava{sv})", ("pause-all", [], {})))
    layout = bus.call("/MenuBar", "com.canonical.dbusmenu", "GetLayout",
                      GLib.Variant("(iias)", (0, -1, []))).unpack()
    lines = [(number, values.get("label")) for number, values, _ in layout[1][2]]
    assert "Resume All Apps…" in dict(lines).values(), lines
    for number, label in lines:
        if label not in ("Quit Okap", "Lock"):
            for event in ("clicked", "hovered", "opened", "closed"):
                bus.call("/MenuBar", "com.canonical.dbusmenu", "Event", GLib.Variant(
                    "(isvu)", (number, event, GLib.Variant("i", 0), 0)))
    time.sleep(0.5)
    assert "pause-all" in names and status() == 403


def test_a_key_with_an_address_takes_a_device(app):
    """Apps would send there what they ask: a program that presses Add gets no such key in."""
    window = app.window()
    app.go_to("Keys", window)
    app.press("Add a Key…", window, within=app.page("OkapKeysPage"))
    dialog = app.window("Add a Key")
    app.type_into(app.find("text", "Key"), dialog, "sk-" + "canary0123456789" * 2)
    app.press("Another One", dialog)
    app.type_into(app.find("text", "Name of the provider, such as my-server"), dialog, "own")
    app.type_into(app.find("text", "Address, such as https://ai.example.com/v1"), dialog,
                  "https://127.0.0.1:9/v1")
    add = app.find("push button", "Add")
    wait_for(lambda: app.is_sensitive(add), message="the form is not complete")
    time.sleep(1)  # what was pressed last is no press of Add
    app.desktop.atspi.Action.do_action(add, 0)
    app.says("the press came from no keyboard or pointer")
    assert app.has_window("Add a Key") and "k_" not in app.command("keys", "list")
    app.picture("key-step-up", dialog)
    app.desktop.xdotool("type", "--delay", "4", "--", PASSPHRASE)
    app.key("Return")
    app.wait_gone("Add a Key", 20)
    assert "k_" in app.command("keys", "list")


@pytest.mark.plain  # GTK leaks the names of actions for whom lists them over the bus
def test_nothing_that_is_pressed_by_no_device_widens(app):
    """All that an app's details and their dialogs offer is pressed over the accessibility bus: the
    app has no more than before, and nobody has another token."""
    request = app.request(limits={"daily_spend": 2.0, "monthly_spend": 10.0})
    app.allow(app.window("Access Request"))
    token = request.wait()["token"]
    before = app.call("GET", "/okap/grant", token=token)[1]
    window = app.window()
    app.enlarge(window)
    app.press("Example App", window, role="label")
    app.find("push button", "Edit…")
    done = 0
    for opener, title in (("Edit…", "Edit Access"),
                          ("Allow $1 More Today…", "Allow $1.00 More Today?"),):
        app.desktop.atspi.Action.do_action(app.find("push button", opener), 0)
        app.window(title)
        frame = next(node for node in app.find_all(name=title)
                     if node.get_parent().get_role_name() == "application")
        for node in [node for _ in range(2) for node in list(app.desktop.walk(frame))]:
            try:
                if (node.get_name() or "") in ("Cancel", "Close"):
                    continue
            except Exception:
                continue
            for number in range(actions_of(node)):
                app.desktop.atspi.Action.do_action(node, number)
                done += 1
        time.sleep(0.3)
        if app.has_window(title):
            app.desktop.atspi.Action.do_action(app.find("push button", "Cancel", within=frame), 0)
            app.wait_gone(title)
    assert done > 5, done
    old = json.loads(before)["authorization_details"][0]
    new = json.loads(app.call("GET", "/okap/grant", token=token)[1])["authorization_details"][0]
    assert set(new["capabilities"]) <= set(old["capabilities"]), new
    assert set(new["models"]) <= set(old["models"]) and new["models"], new
    for name, value in old["limits"].items():
        assert new["limits"][name] <= value, new
    assert new["expires"] <= old["expires"], new
    app.desktop.atspi.Action.do_action(app.find("push button", "Revoke"), 0)
    app.says("can no longer use your keys")
    app.desktop.atspi.Action.do_action(app.find("push button", "Undo"), 0)
    time.sleep(0.5)
    assert app.call("GET", "/okap/grant", token=token)[0] == 401
    print(f"{done} actions over the accessibility bus, nothing wider")
