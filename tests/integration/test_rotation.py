# SPDX-License-Identifier: GPL-3.0-or-later
"""A provider key is replaced while apps use it, and they notice nothing."""
import dataclasses
import json
import signal
import sqlite3
import subprocess
import threading
import time

import pytest

from conftest import okap_program, wait_until
from mock_provider import Answer, MockProvider

CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}]}
OLD = MockProvider.KEY["openai"]
NEW = OLD[:-4] + "zzz9"
BAD = OLD[:-4] + "bad0"
CLIENTS = 16


class RotatingProvider(MockProvider):
    """As strict as ever, but which keys it takes can be changed while it runs."""

    def __init__(self):
        self.keys = {OLD, NEW}
        self.used = []  # (time, key, path)
        self.hold = threading.Event()  # while set, lists of models do not come
        super().__init__()

    def _answer(self, seen):
        key = (seen.header("authorization") or "").removeprefix("Bearer ")
        self.used.append((time.monotonic(), key, seen.path))
        if key not in self.keys:
            return Answer(status=401, body=json.dumps({"error": {
                "message": "Incorrect API key provided.", "type": "invalid_request_error",
                "param": None, "code": "invalid_api_key"}}).encode())
        headers = [(n, f"Bearer {OLD}" if n == "authorization" else v) for n, v in seen.headers]
        answer = super()._answer(dataclasses.replace(seen, headers=headers))
        if self.hold.is_set() and seen.path.endswith("/models"):
            answer = dataclasses.replace(answer, pieces=[answer.body], pause=60.0)
        return answer


@pytest.fixture
def provider():
    provider = RotatingProvider()
    yield provider
    provider.close()


@pytest.fixture
def key_id(okap, provider):
    return okap.add_key(provider, "openai")


@pytest.fixture
def token(okap, key_id):
    answer = okap.authorize("openai", models=["gpt-4o-mini", "whisper-1"],
                            capabilities=["chat", "audio"],
                            limits={"requests_per_minute": 1000000, "requests_per_day": 1000000,
                                    "monthly_spend": 1000, "daily_spend": 1000})
    assert answer["status"] == "granted", answer
    return answer["token"]


def chat(okap, token, **members):
    return okap.http("POST", "/v1/openai/chat/completions", dict(CHAT, **members),
                     {"Authorization": f"Bearer {token}"})


def key_of(okap, key_id):
    return next(row for row in okap.json("keys", "list")["rows"] if row["id"] == key_id)


def rotate(okap, key_id, key, *options, check=True):
    return okap.run("keys", "rotate", key_id, *options, input=key + "\n", check=check)


def wait_rotation(okap, key_id, state):
    wait_until(lambda: (key_of(okap, key_id)["rotation"] or {}).get("state") == state)
    return key_of(okap, key_id)


def audit(okap):
    database = sqlite3.connect(okap.folder / "data" / "okap" / "okap.db")
    rows = database.execute("SELECT event FROM audit WHERE event LIKE 'key.%' ORDER BY id")
    events = [event for event, in rows]
    database.close()
    return events


class Load:
    """Clients that ask all the time, every third one for a stream; what failed is kept."""

    def __init__(self, okap, token):
        self.okap, self.token = okap, token
        self.stop = threading.Event()
        self.done = 0
        self.failed = []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(i,)) for i in range(CLIENTS)]

    def run(self, number):
        while not self.stop.is_set():
            try:
                response, text = chat(self.okap, self.token, stream=number % 3 == 0)
                good = response.status == 200 and b'"choices"' in text
            except OSError as error:
                good, response, text = False, None, str(error).encode()
            with self.lock:
                self.done += 1
                if not good:
                    self.failed.append((response and response.status, text[:200]))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        self.go_on(CLIENTS)
        return self

    def __exit__(self, *args):
        self.stop.set()
        for thread in self.threads:
            thread.join(30)

    def go_on(self, n):
        """Waits until n more calls are over."""
        end = self.done + n
        wait_until(lambda: self.done >= end, 30)


def test_under_load(okap, provider, key_id, token):
    with Load(okap, token) as load:
        rotate(okap, key_id, NEW)
        key = wait_rotation(okap, key_id, "retired")  # twenty calls are soon over
        retired = time.monotonic()
        load.go_on(2 * CLIENTS)
        provider.keys = {NEW}
        load.go_on(10 * CLIENTS)
    assert load.failed == []
    assert key["version"] == 2 and key["tail"] == NEW[-4:]
    keys = [key for _, key, _ in provider.used]
    assert keys.count(OLD) >= CLIENTS and keys.count(NEW) >= 10 * CLIENTS
    assert all(key == NEW for when, key, _ in provider.used if when > retired + 1)
    assert provider.faults == []
    print(f"{load.done} calls of {CLIENTS} clients, none failed; "
          f"{keys.count(OLD)} with the old key, {keys.count(NEW)} with the new one")


def test_old_key_ends_at_once(okap, provider, key_id, token):
    """The provider forgets the old key in the moment in which the new one is in use: what is on
    its way with the old one leaves once more with the new one."""
    with Load(okap, token) as load:
        rotate(okap, key_id, NEW)
        provider.keys = {NEW}
        load.go_on(5 * CLIENTS)
    assert load.failed == []
    assert key_of(okap, key_id)["version"] == 2


def test_bad_key_rolls_back(okap, provider, key_id, token):
    with Load(okap, token) as load:
        rotate(okap, key_id, BAD, "--no-test")
        key = wait_rotation(okap, key_id, "rolled_back")
        load.go_on(2 * CLIENTS)
    assert load.failed == []
    assert key["version"] == 1 and key["tail"] == OLD[-4:]
    assert key["rotation"]["reason"] == "key_refused"
    assert key_of(okap, key_id)["health"]["state"] == "good"
    refused = [key for _, key, _ in provider.used].count(BAD)
    assert refused > 0
    assert "the old one is back in use" in okap.log()
    okap.stop()
    assert audit(okap) == ["key.added", "key.replaced", "key.rolled_back"]
    print(f"{load.done} calls of {CLIENTS} clients, none failed; {refused} were refused and "
          "repeated with the old key")


def test_bad_key_fails_its_test(okap, provider, key_id, token):
    done = rotate(okap, key_id, BAD, check=False)
    assert done.returncode == 1
    assert "does not accept this key" in done.stderr and "old key stays" in done.stderr
    key = key_of(okap, key_id)
    assert key["version"] == 1 and key["rotation"]["reason"] == "test_failed"
    assert chat(okap, token)[0].status == 200
    assert [key for _, key, path in provider.used if path.endswith("completions")] == [OLD]


def test_form_is_not_held(okap, provider, key_id, token):
    """The body of a form has left when it is refused: the provider's own answer passes, and the
    old key is back for the next one."""
    rotate(okap, key_id, BAD, "--no-test")
    boundary = "b0undary"
    form = (f"--{boundary}\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n"
            f"--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n"
            f"Content-Type: audio/wav\r\n\r\n{'x' * 1000}\r\n--{boundary}--\r\n")

    def send():
        return okap.http("POST", "/v1/openai/audio/transcriptions", form, {
            "Authorization": f"Bearer {token}",
            "Content-Type": f"multipart/form-data; boundary={boundary}"})

    response, text = send()
    assert response.status == 401
    assert json.loads(text)["error"]["code"] == "invalid_api_key"
    wait_rotation(okap, key_id, "rolled_back")
    assert send()[0].status == 200


def test_by_hand(okap, provider, key_id, token, tmp_path):
    file = tmp_path / "key.txt"
    file.write_text(NEW + "\n")
    assert "Nothing was changed" in rotate(okap, key_id, OLD).stdout
    done = rotate(okap, key_id, "", check=False)
    assert done.returncode == 1 and "input is empty" in done.stderr
    _, text = okap.http("POST", f"/okap/control/keys/rotate?id={key_id}&rotation=form", b"",
                        {"Content-Type": "application/octet-stream"}, via_socket=True)
    assert json.loads(text)["result"] == "unchanged"  # as a form does that was not filled in
    for mask in ("****", "····" + OLD[-4:], "sk-...abcd", OLD[-4:]):
        done = rotate(okap, key_id, mask, check=False)
        assert done.returncode == 1 and "whole key" in done.stderr, mask
    assert key_of(okap, key_id)["rotation"] is None

    answer = okap.json("keys", "rotate", key_id, "--from-file", str(file), "--rotation", "mine")
    assert answer["result"] == "replaced"
    assert answer["key"]["rotation"]["id"] == "mine"
    assert answer["key"]["rotation"]["other_tail"] == OLD[-4:]
    again = okap.json("keys", "rotate", key_id, "--from-file", str(file), "--rotation", "mine")
    assert again == answer
    assert "2, new, watched" in okap.run("keys", "list").stdout
    other = rotate(okap, key_id, BAD, check=False)
    assert other.returncode == 1 and "being replaced already" in other.stderr

    assert "old key is in use" in okap.run("keys", "rotate", "--back", key_id).stdout
    assert chat(okap, token)[0].status == 200
    assert provider.used[-1][1] == OLD
    assert okap.run("keys", "rotate", "--back", key_id, check=False).returncode == 1
    rotate(okap, key_id, NEW)
    assert "the old one is wiped" in okap.run("keys", "rotate", "--keep", key_id).stdout
    assert chat(okap, token)[0].status == 200
    assert provider.used[-1][1] == NEW
    assert key_of(okap, key_id)["version"] == 3
    assert okap.run("keys", "rotate", "--back", "--keep", key_id, check=False).returncode == 2
    assert okap.run("keys", "rotate", NEW, check=False).returncode == 2


def test_health_is_shown(okap, provider, key_id, token):
    def answer(status, code, **headers):
        provider.on("POST", "/openai/v1/chat/completions", Answer(
            status=status, headers=headers, body=json.dumps({"error": {
                "message": "x", "type": "x", "code": code}}).encode()))

    assert key_of(okap, key_id)["health"]["state"] == "untried"
    chat(okap, token)
    wait_until(lambda: key_of(okap, key_id)["health"]["state"] == "good")
    for status, code, state in ((429, "insufficient_quota", "out_of_credit"),
                                (403, "unsupported_country_region_territory", "forbidden"),
                                (404, "model_not_found", "model_missing"),
                                (503, "overloaded", "provider_error")):
        answer(status, code)
        assert chat(okap, token)[0].status == status
        wait_until(lambda: key_of(okap, key_id)["health"]["state"] == state)
    answer(429, "rate_limit_exceeded", **{"Retry-After": "86400"})
    response, text = chat(okap, token)
    assert response.status == 429 and json.loads(text)["error"]["code"] == "rate_limit_exceeded"
    wait_until(lambda: key_of(okap, key_id)["health"]["state"] == "rate_limited")
    health = key_of(okap, key_id)["health"]
    assert health["until"] > health["since"]
    assert "asked too often, until" in okap.run("keys", "list").stdout
    okap.run("keys", "test", key_id)  # asks anew, and forgets the limit
    health = key_of(okap, key_id)["health"]
    assert health["state"] == "good" and health["until"] is None
    answer(429, "rate_limit_exceeded", **{"Retry-After": "20"})
    chat(okap, token)
    rotate(okap, key_id, NEW)
    assert key_of(okap, key_id)["health"]["state"] == "good"  # of the new version, from its test
    okap.run("keys", "rotate", "--back", key_id)
    assert key_of(okap, key_id)["health"]["state"] == "rate_limited"  # of the old one
    rotate(okap, key_id, NEW, "--no-test")
    assert key_of(okap, key_id)["health"]["state"] == "untried"


def check_after_kill(okap, provider, key_id, token, version, state, key):
    okap.serve()
    assert chat(okap, token)[0].status == 200
    assert provider.used[-1][1] == key
    row = wait_rotation(okap, key_id, state)
    assert row["version"] == version and row["tail"] == key[-4:]
    wait_until(lambda: chat(okap, token)[0].status == 200 and provider.used[-1][1] == key)
    return row


def test_kill_while_testing(okap, provider, key_id, token):
    provider.hold.set()
    running = subprocess.Popen([okap_program(), "keys", "rotate", key_id], env=okap.env,
                               stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    running.stdin.write(NEW.encode())
    running.stdin.close()
    wait_rotation(okap, key_id, "testing")
    okap.stop(signal.SIGKILL)
    running.wait(30)
    provider.hold.clear()
    row = check_after_kill(okap, provider, key_id, token, 1, "rolled_back", OLD)
    assert row["rotation"]["reason"] == "interrupted"


def test_kill_while_watching(okap, provider, key_id, token):
    rotate(okap, key_id, NEW)
    okap.stop(signal.SIGKILL)
    row = check_after_kill(okap, provider, key_id, token, 2, "watching", NEW)
    assert row["rotation"]["other_tail"] == OLD[-4:]
    provider.keys = {OLD}  # the watch goes on, and so does the way back
    assert chat(okap, token)[0].status == 200
    wait_rotation(okap, key_id, "rolled_back")


@pytest.mark.parametrize("way, version, state, key", [
    ("--keep", 2, "retired", NEW), ("--back", 1, "rolled_back", OLD)])
def test_kill_at_the_end(okap, provider, key_id, token, way, version, state, key):
    rotate(okap, key_id, NEW)
    okap.run("keys", "rotate", way, key_id)
    okap.stop(signal.SIGKILL)
    check_after_kill(okap, provider, key_id, token, version, state, key)


@pytest.mark.parametrize("rounds", [6, pytest.param(60, marks=pytest.mark.long)])
def test_kill_at_random_moments(okap, provider, key_id, token, rounds):
    """Whenever it is killed, one of the two keys is in use after that, and its state fits."""
    for round_number in range(rounds):
        running = subprocess.Popen([okap_program(), "keys", "rotate", key_id], env=okap.env,
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        before = key_of(okap, key_id)["tail"]
        new = OLD if before == NEW[-4:] else NEW
        running.stdin.write(new.encode())
        running.stdin.close()
        time.sleep(0.004 * (round_number % 12))
        okap.stop(signal.SIGKILL)
        running.wait(30)
        okap.serve()
        assert chat(okap, token)[0].status == 200
        wait_until(lambda: (key_of(okap, key_id)["rotation"] or {}).get("state") != "testing")
        row = key_of(okap, key_id)
        if row["tail"] == before:
            assert (row["rotation"] or {}).get("state") in (None, "retired", "rolled_back")
        else:
            assert row["rotation"]["state"] == "watching" and row["tail"] == new[-4:]
            okap.run("keys", "rotate", "--keep", key_id)
