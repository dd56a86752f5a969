# SPDX-License-Identifier: GPL-3.0-or-later
"""A new user: vault, recovery code, first question."""
import re
import time

from app import PASSPHRASE
from desktop import wait_for


def recovery_groups(app):
    names = [node.get_name() for node in app.find_all("label")]
    return [name for name in names if re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{5}", name or "")]


def test_from_nothing_to_an_answer(new_app):
    app = new_app().start()
    window = app.window()
    app.find("label", "Welcome to Okap")
    app.picture("welcome", window)

    first, second = app.find("text", "Passphrase"), app.find("text", "The Same Again")
    create = app.find("push button", "Create Vault")
    app.type_into(first, window, "short")
    app.says("at least eight characters")
    assert not app.is_sensitive(create)
    app.key("ctrl+a")
    app.type_into(first, window, "x")
    app.key("ctrl+a")
    app.desktop.xdotool("type", "--delay", "4", "--", PASSPHRASE)
    app.type_into(second, window, "other")
    app.says("The two are not the same")
    assert not app.is_sensitive(create)
    app.key("ctrl+a")
    app.desktop.xdotool("type", "--delay", "4", "--", PASSPHRASE)
    app.says("Strong")
    app.click(create, window)

    app.find("label", "Keep Your Recovery Code", seconds=20)
    groups = recovery_groups(app)
    assert len(groups) == 6
    app.picture("recovery", window)
    app.type_into(app.find("text", "Group 2"), window, groups[1].lower())
    forward = app.find("push button", "Continue")
    assert not app.is_sensitive(forward)
    app.type_into(app.find("text", "Group 5"), window, groups[4])
    wait_for(lambda: app.is_sensitive(forward), message="the groups are not taken")
    app.click(forward, window)
    wait_for(lambda: not recovery_groups(app), message="the recovery code stays in the window")

    app.find("label", "Your Vault Is Ready")
    app.press("Try the Demo", window)
    page = app.page("OkapDemoPage")
    app.press("Ask", window, within=page)
    dialog = app.window("Access Request")
    app.says("calls itself “Okap Demo”")
    app.picture("consent-demo", dialog)
    app.allow(dialog)
    app.says("demo model")
    app.says("Activity lists every request", 20)
    app.picture("try-it", window)

    app.go_to("Activity", window)
    app.says("Okap Demo")
    app.picture("activity", window)

    # The demo has its access now and does not ask again; once it is revoked, it says so.
    app.go_to("Try It", window)
    app.press("Ask", window, within=page)
    time.sleep(0.5)
    assert not app.has_window("Access Request")
    for secret in (PASSPHRASE, *groups):
        assert secret not in app.stderr()


def test_the_demo_is_refused(app):
    window = app.window()
    app.go_to("Try It", window)
    app.press("Ask", window, within=app.page("OkapDemoPage"))
    app.window("Access Request")
    app.key("Escape")
    app.wait_gone("Access Request")
    app.says("You did not allow it")
