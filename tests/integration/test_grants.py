# SPDX-License-Identifier: GPL-3.0-or-later
"""What a grant lets through, and that its end is the end."""
import http.client
import json
import signal
import socket
import sqlite3
import time

import pytest

from conftest import wait_until
from mock_provider import Answer, sse

CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}]}


def grant(okap, mock, **details):
    okap.add_key(mock, "openai")
    details.setdefault("models", ["gpt-4o-mini"])
    details.setdefault("capabilities", ["chat"])
    answer = okap.authorize("openai", **details)
    assert answer["status"] == "granted", answer
    return answer["token"], okap.json("grants", "list")["rows"][0]["id"]


def chat(okap, token, body=CHAT, path="/v1/openai/chat/completions"):
    response, text = okap.http("POST", path, body, {"Authorization": f"Bearer {token}"})
    return response, json.loads(text)


def expect(okap, token, status, kind, **kwargs):
    response, answer = chat(okap, token, **kwargs)
    assert response.status == status, answer
    assert answer["error"]["type"] == kind, answer
    return response, answer


def test_scope(okap, mock):
    token, _ = grant(okap, mock)
    response, answer = chat(okap, token)
    assert response.status == 200, answer
    assert response.headers["x-okap-request-id"]
    assert int(response.headers["x-okap-overhead-us"]) >= 0

    expect(okap, token, 403, "model_not_allowed", body=dict(CHAT, model="gpt-4o"))
    expect(okap, token, 403, "model_unknown", body={"messages": []})
    expect(okap, token, 400, "invalid_request", body=[])
    expect(okap, token, 403, "capability_not_allowed", path="/v1/openai/embeddings",
           body={"model": "gpt-4o-mini", "input": "x"})
    expect(okap, token, 403, "endpoint_not_allowed", path="/v1/openai/organization/projects")
    expect(okap, token, 403, "provider_not_allowed", path="/v1/anthropic/v1/messages")
    expect(okap, "sk-proj-some-real-key-of-the-user", 401, "invalid_token")
    expect(okap, "okap_" + "A" * 49, 401, "invalid_token")
    assert len([s for s in mock.seen if s.method == "POST"]) == 1


def test_rate_limit(okap, mock):
    token, _ = grant(okap, mock, limits={"requests_per_minute": 2})
    assert chat(okap, token)[0].status == 200
    assert chat(okap, token)[0].status == 200
    response, answer = expect(okap, token, 429, "rate_limited")
    assert 0 < int(response.headers["retry-after"]) <= 60
    assert "requests_per_minute" in answer["error"]["message"]


def test_pause_resume_revoke(okap, mock):
    token, grant_id = grant(okap, mock)
    okap.run("grants", "pause", grant_id)
    expect(okap, token, 403, "token_paused")
    right, okap.passphrase = okap.passphrase, "not the passphrase"
    done = okap.run("grants", "resume", grant_id, passphrase=True, check=False)
    assert done.returncode == 1 and "passphrase" in done.stderr
    okap.passphrase = right
    refused, _ = okap.http("POST", f"/okap/control/grants/resume?id={grant_id}", {},
                           via_socket=True)
    assert refused.status == 400
    expect(okap, token, 403, "token_paused")
    okap.run("grants", "resume", grant_id, passphrase=True)
    assert chat(okap, token)[0].status == 200
    okap.run("grants", "revoke", grant_id)
    response, _ = expect(okap, token, 401, "token_revoked")
    assert response.headers["x-should-retry"] == "false"
    assert okap.run("grants", "resume", grant_id, passphrase=True, check=False).returncode == 1


def test_pause_all(okap, mock):
    """All at once: what runs is cut, what asks is refused, and it outlasts a crash."""
    endless(mock)
    token, _ = grant(okap, mock)
    stream = Stream(okap, token)
    stream.read_until(b"w3 ")
    assert okap.json("pause") == {"paused": True}
    stream.read_until(b"\r\n0\r\n\r\n")
    assert b"token_paused" in stream.data
    expect(okap, token, 403, "token_paused")
    assert okap.json("status")["paused"] is True
    _, text = okap.http("GET", "/okap/grant", None, {"Authorization": f"Bearer {token}"})
    assert json.loads(text)["status"] == "paused"
    answer = okap.authorize("openai", models=["gpt-4o-mini"])
    assert answer["status"] == "denied" and "paused" in answer["reason"], answer

    okap.stop(signal.SIGKILL)
    okap.serve()
    expect(okap, token, 403, "token_paused")
    refused, _ = okap.http("POST", "/okap/control/resume", {}, via_socket=True)
    assert refused.status == 400
    right, okap.passphrase = okap.passphrase, "not the passphrase"
    assert okap.run("resume", passphrase=True, check=False).returncode == 1
    okap.passphrase = right
    expect(okap, token, 403, "token_paused")
    okap.run("resume", passphrase=True)
    assert okap.json("status")["paused"] is False
    mock.on("POST", "/openai/v1/chat/completions", Answer(body=b'{"choices": []}'))
    assert chat(okap, token)[0].status == 200


def test_revoked_by_the_app(okap, mock):
    token, _ = grant(okap, mock)
    response, _ = okap.http("POST", "/okap/revoke", {}, {"Authorization": f"Bearer {token}"})
    assert response.status == 200
    expect(okap, token, 401, "token_revoked")


def test_expiry(okap, mock):
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
    token, _ = grant(okap, mock, expires=soon)
    assert chat(okap, token)[0].status == 200
    wait_until(lambda: chat(okap, token)[0].status == 401, 5)
    expect(okap, token, 401, "token_expired")


def test_locked(okap, mock):
    token, _ = grant(okap, mock)
    okap.run("lock")
    response, _ = expect(okap, token, 423, "vault_locked")
    assert response.headers["retry-after"]
    okap.run("unlock", passphrase=True)
    assert chat(okap, token)[0].status == 200  # at once: "unlocked" means that tokens work


def test_survives_kill(okap, mock):
    token, grant_id = grant(okap, mock)
    assert chat(okap, token)[0].status == 200
    wait_until(lambda: okap.json("usage")["rows"])
    okap.stop(signal.SIGKILL)
    okap.serve()
    assert chat(okap, token)[0].status == 200  # at once: "ready" means that tokens work
    assert [row["id"] for row in okap.json("grants", "list")["rows"]] == [grant_id]
    wait_until(lambda: okap.json("usage")["rows"][0]["requests"] == 2)


def test_edited_database_is_refused(okap, mock):
    token, grant_id = grant(okap, mock)
    okap.run("grants", "pause", grant_id)
    okap.stop()
    database = sqlite3.connect(okap.folder / "data" / "okap" / "okap.db")
    for table, column in database.execute(
            "SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p "
            "WHERE m.type = 'table' AND p.name = 'policy'").fetchall():
        changed = database.execute(
            f"UPDATE {table} SET {column} = replace({column}, '\"paused\"', '\"active\"')").rowcount
        assert changed == 1
    database.commit()
    database.close()
    okap.serve()
    wait_until(lambda: chat(okap, token)[0].status == 401)  # 423 until the grants are read
    expect(okap, token, 401, "invalid_token")
    assert okap.json("grants", "list")["rows"] == []


class Stream:
    """A streamed chat on a raw socket, so that the moment of its end can be measured."""

    def __init__(self, okap, token):
        body = json.dumps(dict(CHAT, stream=True)).encode()
        self.socket = socket.create_connection(("127.0.0.1", okap.port), timeout=20)
        self.socket.sendall(
            b"POST /v1/openai/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
            b"Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (okap.port, token.encode(), len(body), body))
        self.data = b""

    def read_until(self, text):
        while text not in self.data:
            piece = self.socket.recv(65536)
            assert piece, self.data
            self.data += piece


def endless(mock):
    pieces = sse(*[{"choices": [{"index": 0, "delta": {"content": f"w{i} "}}]}
                   for i in range(100000)])
    mock.on("POST", "/openai/v1/chat/completions",
            Answer(content_type="text/event-stream", pieces=pieces, pause=0.005))


@pytest.mark.speed
def test_revoking_cuts_a_running_stream(okap, mock):
    endless(mock)
    times = []
    token, _ = grant(okap, mock)
    for _ in range(5):
        token = okap.authorize("openai", models=["gpt-4o-mini"])["token"]
        stream = Stream(okap, token)
        stream.read_until(b"w3 ")
        revoke = http.client.HTTPConnection("127.0.0.1", okap.port)
        start = time.monotonic()
        revoke.request("POST", "/okap/revoke", b"{}", {
            "Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        stream.read_until(b"\r\n0\r\n\r\n")
        times.append((time.monotonic() - start) * 1000)
        assert b"token_revoked" in stream.data
        assert revoke.getresponse().status == 200
    print(f"revoke to end of stream, ms: {[round(t, 1) for t in times]}")
    assert sorted(times)[2] < 50, times
    wait_until(lambda: mock.open_streams == 0)


def test_client_gone_cancels_upstream(okap, mock):
    endless(mock)
    token, _ = grant(okap, mock)
    stream = Stream(okap, token)
    stream.read_until(b"w3 ")
    assert mock.open_streams == 1
    stream.socket.close()
    wait_until(lambda: mock.open_streams == 0, 2)
    wait_until(lambda: okap.json("usage")["rows"], 5)


def test_own_provider(okap, mock):
    okap.add_key(mock, "own")
    token = okap.authorize("own", models=["own-model"])["token"]
    response, text = okap.http("POST", "/v1/own/v1/chat/completions",
                               dict(CHAT, model="own-model"), {"x-api-key": token})
    assert response.status == 200, text
    assert mock.seen[-1].header("x-api-key") is None


def test_an_app_sees_its_own_use(okap, mock):
    for provider in ("openai", "own"):
        okap.add_key(mock, provider)
    details = [dict(type="ai_model_access", provider="openai", models=["gpt-4o-mini"],
                    limits={"requests_per_day": 10}),
               dict(type="ai_model_access", provider="own", models=["own-model"],
                    limits={"requests_per_day": 20})]
    _, text = okap.http("POST", "/okap/authorize", {
        "okap": "1.0", "authorization_details": details, "client": {"name": "Two"}})
    token = json.loads(text)["token"]
    chat(okap, token)
    chat(okap, token)
    chat(okap, token, dict(CHAT, model="own-model"), "/v1/own/v1/chat/completions")

    def remaining():
        _, text = okap.http("GET", "/okap/grant", headers={"Authorization": f"Bearer {token}"})
        return {entry["provider"]: entry["remaining"] for entry in json.loads(text)["remaining"]
                if entry["limit"] == "requests_per_day"}

    wait_until(lambda: remaining() == {"openai": 8, "own": 19})


def test_every_place_of_a_token(okap, mock):
    token, _ = grant(okap, mock)
    for headers, query in (({"Authorization": f"Bearer {token}"}, ""), ({"x-api-key": token}, ""),
                           ({"x-goog-api-key": token}, ""), ({"api-key": token}, ""),
                           ({}, f"?key={token}"), ({"x-api-key": "sk-okap-" + token[5:]}, "")):
        response, text = okap.http("POST", "/v1/openai/chat/completions" + query, CHAT,
                                   dict(headers, Cookie="a=b", Referer="http://127.0.0.1/"))
        assert response.status == 200, text
        seen = mock.seen[-1]
        assert token[5:].encode() not in seen.head + seen.body
        assert seen.header("cookie") is None and seen.header("referer") is None
