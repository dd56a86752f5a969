# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may use the token, the number that both sides show, and how long a refusal lasts."""
import time

from app import PASSPHRASE, Request, ask_for
from caller import Caller
from desktop import wait_for


def test_a_token_for_any_program_is_a_risk(app):
    """It is shown as one, and can be bound to the program that asks."""
    body = ask_for(name="Relay")
    body["binding"] = "portable"
    body["client"]["binding"] = "portable"
    request = Request(app.port, body)
    dialog = app.window("Access Request")
    app.says("Any program may use it")
    app.picture("consent-portable", dialog)
    app.press("Any program may use it", dialog, role="label")
    app.says("Only this program may use it")
    app.allow(dialog)
    assert request.wait()["status"] == "granted"
    app.press("Relay", app.window(), role="label")
    app.says("Only this program")


def test_no_limit_of_money_takes_the_passphrase(app, tmp_path):
    caller = Caller(app, tmp_path, limits={"monthly_spend": 500.0, "daily_spend": 400.0})
    dialog = app.window("Access Request")
    entry = app.find("password text", "Passphrase or Recovery Code")
    assert not app.is_sensitive(app.allow_button())
    app.picture("consent-threshold", dialog)
    app.type_into(entry, dialog, PASSPHRASE)
    wait_for(lambda: app.is_sensitive(app.allow_button()), 10, message="Allow does not arm")
    app.click(app.allow_button(), dialog)
    assert caller.answer()["status"] == "granted"
    caller.leave()


def test_never_this_program(app):
    """By the menu; it is not asked for any more, until that is ended in the window."""
    request = app.request(name="Pest")
    dialog = app.window("Access Request")
    app.click(app.find("push button", "Don’t Allow"), dialog)
    assert request.wait()["status"] == "denied"
    app.wait_gone("Access Request")

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

    request = app.request(name="Pest")
    assert "token" not in request.wait()
    app.says("Not Asked For")
    app.says("You do not want to be asked again.")
    app.picture("apps-blocked", app.window())
    app.press("End", app.window())
    wait_for(lambda: "Not Asked For" not in app.texts(), message="the row stays")
