# SPDX-License-Identifier: GPL-3.0-or-later
"""Money that nears its end is told by the desktop, in words, with what comes next."""
from desktop import wait_for


def spend(app):
    """An app that uses up a cent; its token."""
    request = app.request(models=["demo-large"], limits={"monthly_spend": 0.01,
                                                         "daily_spend": 0.01})
    dialog = app.window("Access Request")
    app.wait_armed()
    app.allow(dialog)
    token = request.wait()["token"]
    spent = []

    def ask():
        status, _ = app.call("POST", "/v1/demo/chat/completions", {
            "model": "demo-large", "max_tokens": 400,
            "messages": [{"role": "user", "content": "Tell me of okapis. " * 10}]}, token)
        spent.append(status)
        return status == 402

    wait_for(ask, seconds=60)
    assert 200 in spent
    return token


def test_a_limit_that_nears_its_end(notifications, app):
    spend(app)
    first, second = notifications.next(), notifications.next()
    for told in (first, second):  # of the day and of the month
        assert told["title"].startswith("Example App has used "), told
        assert "of its limit" in told["title"]
        assert "$0.01 a day" in told["body"] or "$0.01 a month" in told["body"], told
        assert "at Demo" in told["body"]
        assert "begins again" in told["body"] or "is used up" in told["body"]
        assert told["actions"][1::2] == ["", "Show", "Pause This App"], told
    assert {"a day" in t["body"] for t in (first, second)} == {True, False}

    notifications.choose(first["number"], action=first["actions"][4])
    window = app.window()
    app.desktop.activate(window)
    app.says("Paused")


def test_silenced(notifications, new_app):
    """Who wants no notices gets none, and loses nothing else."""
    app = new_app()
    app.configure("notify-limits=false", "notify-requests=false")
    app.init().start()
    app.unlock()
    app.desktop.hold_windows(True)
    request = app.request()
    try:
        assert notifications.nothing(1.5), notifications.unexpected
    finally:
        app.desktop.hold_windows(False)
    app.window("Access Request")
    app.key("Escape")
    assert request.wait()["status"] == "denied"
    app.wait_gone("Access Request")
    spend(app)
    assert notifications.nothing(1), notifications.unexpected
