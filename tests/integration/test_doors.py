# SPDX-License-Identifier: GPL-3.0-or-later
"""The doors over HTTP: later answers, one's own grant, what is on TCP and what is not."""
import json
import signal

import pytest

from conftest import PASSPHRASE, wait_until
from terminal import Terminal

KEY = "sk-canary-0123456789abcdefghijklmnopqrstuvwxyz"


def test_later_answer(okap):
    body = {"okap": "1.0", "request": {"provider": "demo", "models": [], "capabilities": ["chat"]}}
    response, text = okap.http("POST", "/okap/authorize", body, {"Prefer": "respond-async"})
    pending = json.loads(text)
    assert response.status == 202 and pending["status"] == "pending"
    answers = []

    def fetch():
        response, text = okap.http("GET", pending["poll"])
        answers.append(json.loads(text))
        return response.status == 200

    wait_until(fetch)
    assert answers[-1]["status"] == "granted"
    response, _ = okap.http("GET", pending["poll"])
    assert response.status == 404


def test_wait_ends(make_okap):
    okap = make_okap().init()
    served = Terminal(okap, "serve", "--listen", "127.0.0.1:0")
    okap.port = int(served.until(" unix:").split()[2].rsplit(":", 1)[1])
    okap.run("unlock", input=PASSPHRASE)
    body = {"okap": "1.0", "request": {"provider": "demo", "models": [], "capabilities": ["chat"]}}
    response, text = okap.http("POST", "/okap/authorize", body, {"Prefer": "wait=1"})
    assert response.status == 200 and json.loads(text)["status"] == "denied"
    served.until("This question is over")
    assert served.end(signal.SIGTERM) == 0, served.shown


def test_own_grant(okap):
    granted = okap.authorize("demo", ["demo-fast"], limits={"requests_per_day": 5})
    token = granted["token"]
    for name, value in (("Authorization", "Bearer " + token), ("x-api-key", token),
                        ("x-goog-api-key", token), ("api-key", token)):
        response, text = okap.http("GET", "/okap/grant", headers={name: value})
        assert response.status == 200
    response, text = okap.http("GET", "/okap/grant?key=" + granted["token"])
    answer = json.loads(text)
    left, = [row for row in answer["remaining"] if row["limit"] == "requests_per_day"]
    assert left["granted"] == 5 and left["used"] == 0 and left["remaining"] == 5 and left["resets"]
    response, _ = okap.http("POST", "/okap/revoke",
                            headers={"Authorization": "Bearer " + granted["token"]})
    assert response.status == 200
    response, text = okap.http("GET", "/okap/grant",
                               headers={"Authorization": "Bearer " + granted["token"]})
    assert response.status == 401 and json.loads(text)["error"]["type"] == "token_revoked"
    response, text = okap.http("GET", "/okap/grant")
    assert response.status == 401 and json.loads(text)["error"]["type"] == "invalid_token"


@pytest.mark.parametrize("path", ["status", "keys", "grants", "usage", "keys/add", "unlock", "lock",
                                  "run", "grants/revoke", "approve"])
def test_control_is_not_on_tcp(okap, path):
    for method in ("GET", "POST"):
        body = "{}" if method == "POST" else None
        response, text = okap.http(method, "/okap/control/" + path, body,
                                   {"Content-Type": "application/json"})
        assert response.status == 404, text


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"},
                                     {"Content-Type": "application/x-www-form-urlencoded"},
                                     {"Content-Type": "application/jsonx"}])
def test_content_type(okap, headers):
    response, text = okap.http("POST", "/okap/authorize", "{}", headers)
    assert response.status == 400 and "Content-Type: application/json" in text.decode()


@pytest.mark.parametrize("headers", [{"Origin": "https://example.com"}, {"Origin": "null"},
                                     {"Sec-Fetch-Site": "cross-site"}])
def test_web_pages(okap, headers):
    for path in ("/okap/authorize", "/okap/grant", "/.well-known/okap"):
        response, text = okap.http("POST" if path.endswith("ize") else "GET", path, None, headers)
        assert response.status == 403
        assert json.loads(text)["error"]["type"] == "origin_not_allowed"


def test_discovery(okap):
    response, text = okap.http("GET", "/.well-known/okap")
    answer = json.loads(text)
    assert response.status == 200 and answer["url"] == okap.origin
    assert answer["endpoints"]["authorize"] == "/okap/authorize"
    okap.run("keys", "add", "openai", "--label", "Private label", input=KEY)
    assert okap.http("GET", "/.well-known/okap")[1] == text
    response, text = okap.http("HEAD", "/.well-known/okap")
    assert response.status == 200 and text == b""
    response, _ = okap.http("DELETE", "/okap/authorize")
    assert response.status == 405 and response.headers["Allow"] == "POST"
