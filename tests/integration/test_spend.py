# SPDX-License-Identifier: GPL-3.0-or-later
"""What a spend limit does to requests before they are sent, while they run, and at their ends."""
import http.client
import json
import threading
import time

import pytest

from conftest import Okap, wait_until
from mock_provider import Answer, sse

PATH = "/openai/v1/chat/completions"
# A tier of service that is named, so that no dearer one has to be reckoned with.
CHAT = {"model": "gpt-4o-mini", "service_tier": "default",
        "messages": [{"role": "user", "content": "Hi"}]}
INPUT, OUTPUT = 150, 600  # nano-dollars a token
USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}


def grant(okap, mock, provider="openai", models=("gpt-4o-mini",), **limits):
    okap.add_key(mock, provider)
    token = okap.authorize(provider, models=models, limits=limits)["token"]
    return token, okap.json("grants", "list")["rows"][0]["id"]


def chat(okap, token, body=CHAT, path="/v1/openai/chat/completions"):
    response, text = okap.http("POST", path, body, {"Authorization": f"Bearer {token}"})
    return response, text


def rows(okap):
    return okap.json("usage", "list")["rows"]


def units(row):
    return row["units"].get("input", 0), row["units"].get("output", 0)


def wait_row(okap, n=1):
    wait_until(lambda: len(rows(okap)) >= n)
    return rows(okap)[0]


def chunk(text, **more):
    return json.dumps(dict({"id": "c", "object": "chat.completion.chunk", "model": "gpt-4o-mini",
                            "choices": [{"index": 0, "delta": {"content": text}}]}, **more))


def usage_chunk(usage):
    return json.dumps({"id": "c", "object": "chat.completion.chunk", "model": "gpt-4o-mini",
                       "choices": [], "usage": usage})


def stream(*texts, usage=USAGE, pause=0.0):
    """As OpenAI streams when it was asked for the usage."""
    return Answer(content_type="text/event-stream", pause=pause,
                  pieces=sse(*[chunk(text, usage=None) for text in texts], usage_chunk(usage),
                             "[DONE]"))


def events(text):
    return [json.loads(line[6:]) for line in text.decode().splitlines()
            if line.startswith("data: {")]


def test_usage_is_asked_for_and_taken_out_again(okap, mock):
    token, _ = grant(okap, mock)
    mock.on("POST", PATH, stream("Hel", "lo"))
    response, text = chat(okap, token, dict(CHAT, stream=True))
    sent = json.loads(mock.seen[-1].body)
    assert sent["stream_options"] == {"include_usage": True}
    assert mock.seen[-1].body.startswith(json.dumps(dict(CHAT, stream=True))[:-1].encode())
    assert response.headers["x-okap-edits"] == "include_usage=true"
    assert text == b"".join(sse(chunk("Hel"), chunk("lo"), "[DONE]"))
    row = wait_row(okap)
    assert (units(row), row["cost_status"]) == ((10, 5), "known")

    mock.on("POST", PATH, stream("Hel", "lo"))
    response, text = chat(okap, token, dict(CHAT, stream=True,
                                            stream_options={"include_usage": True}))
    assert "x-okap-edits" not in response.headers
    assert events(text)[-1]["usage"] == USAGE


def test_a_stream_is_cut_when_its_money_is_used_up(okap, mock):
    token, _ = grant(okap, mock, monthly_spend=0.001)
    mock.on("POST", PATH, stream(*["word " * 20] * 200, pause=0.005))
    response, text = chat(okap, token, dict(CHAT, stream=True))
    assert response.status == 200
    last = events(text)[-1]
    assert last["error"]["code"] == "spend_limit_reached" and "monthly_spend" in \
        last["error"]["message"], last
    assert text.endswith(b"\n\n") and b"[DONE]" not in text
    assert 2 < len(events(text)) < 60
    row = wait_row(okap)
    assert row["error"] == "spend_limit_reached" and row["cost_status"] == "estimated"
    assert row["cost_usd"] <= 0.001
    wait_until(lambda: mock.open_streams == 0)

    response, text = chat(okap, token)
    assert response.status == 402 and response.headers["x-should-retry"] == "false"
    message = json.loads(text)["error"]["message"]
    for word in ("monthly_spend", "openai", "of a cap of $0.001", "at least $", "2"):
        assert word in message, message


def test_output_is_lowered_to_what_is_left(okap, mock):
    token, grant_id = grant(okap, mock, monthly_spend=0.001)
    response, _ = chat(okap, token, dict(CHAT, max_tokens=4000))
    assert response.status == 200
    fits = int(response.headers["x-okap-max-output-tokens"])
    assert response.headers["x-okap-edits"] == f"max_tokens={fits}"
    body = json.dumps(dict(CHAT, max_tokens=4000)).encode()
    assert mock.seen[-1].body == body.replace(b"4000", str(fits).encode())
    # The prompt is taken for its bytes and an allowance of 512 tokens.
    assert fits == (1_000_000 - (len(body) + 512) * INPUT) // OUTPUT
    assert wait_row(okap)["edits"] == f"max_tokens={fits}"
    assert float(response.headers["x-okap-budget-remaining-usd"]) == 0

    response, _ = chat(okap, token, dict(CHAT, max_tokens=20))
    assert response.status == 200 and "x-okap-edits" not in response.headers
    assert b'"max_tokens": 20' in mock.seen[-1].body

    okap.run("grants", "set", grant_id, "--keep-output")
    assert "never made smaller" in okap.run("grants", "show", grant_id).stdout
    response, text = chat(okap, token, dict(CHAT, max_tokens=4000))
    assert response.status == 402, text
    response, _ = chat(okap, token, dict(CHAT, max_tokens=20))
    assert response.status == 200
    okap.run("grants", "set", grant_id, "--lower-output")
    response, _ = chat(okap, token, dict(CHAT, max_tokens=4000))
    assert response.status == 200


def test_no_price(tmp_path, mock):
    okap = Okap(tmp_path, ceiling=None).init().serve()
    try:
        token, grant_id = grant(okap, mock, provider="own", models=["own-model"])
        body = {"model": "own-model", "max_tokens": 100, "messages": CHAT["messages"]}
        path = "/v1/own/v1/chat/completions"
        response, text = chat(okap, token, body, path)
        assert response.status == 403
        assert json.loads(text)["error"]["code"] == "price_unknown", text
        row = wait_row(okap)
        assert (row["status"], row["error"], row["cost_usd"]) == (403, "price_unknown", 0)

        ceiling = ("grants", "set", grant_id, "--ceiling-input", "1", "--ceiling-output", "4.50")
        right, okap.passphrase = okap.passphrase, "not the passphrase"
        done = okap.run(*ceiling, passphrase=True, check=False)
        assert done.returncode == 1 and "passphrase" in done.stderr
        okap.passphrase = right
        query = f"set?id={grant_id}&ceiling_input=0&ceiling_output=0"
        refused, _ = okap.http("POST", f"/okap/control/grants/{query}", {}, via_socket=True)
        assert refused.status == 400
        assert chat(okap, token, body, path)[0].status == 403
        okap.run(*ceiling, passphrase=True)
        shown = okap.json("grants", "show", grant_id)["money"][0]
        assert (shown["ceiling_input"], shown["ceiling_output"]) == (1, 4.5)
        response, text = chat(okap, token, body, path)
        assert response.status == 200, text
        used = json.loads(text)["usage"]
        cost = (used["prompt_tokens"] * 1000 + used["completion_tokens"] * 4500) / 1e9
        assert float(response.headers["x-okap-cost-usd"]) == pytest.approx(cost)
        # Of refusals for one reason, a second makes one row.
        wait_until(lambda: rows(okap)[0]["cost_status"] == "ceiling")

        okap.run("grants", "set", grant_id, "--no-ceiling", "--provider", "own")
        assert chat(okap, token, body, path)[0].status == 403
        for wrong in (["--ceiling-input", "1"], [], ["--provider", "openai", "--no-ceiling"],
                      ["--keep-output", "--lower-output"]):
            assert okap.run("grants", "set", grant_id, *wrong, check=False).returncode != 0
    finally:
        okap.stop()


def hang_up_within(okap, token, body):
    """Reads the first piece of the answer and is gone."""
    connection = http.client.HTTPConnection("127.0.0.1", okap.port, timeout=30)
    connection.request("POST", "/v1/openai/chat/completions", json.dumps(body),
                       {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    response = connection.getresponse()
    assert response.read(10)
    connection.sock.close()
    response.close()
    connection.close()


def test_hanging_up(okap, mock):
    token, grant_id = grant(okap, mock)
    answer = stream(*["word "] * 20, pause=0.05)
    mock.on("POST", PATH, answer)
    hang_up_within(okap, token, dict(CHAT, stream=True))
    row = wait_row(okap)
    assert (row["status"], row["error"], row["cost_status"]) == (499, "caller_gone", "estimated")
    assert row["cost_usd"] > 0
    wait_until(lambda: mock.open_streams == 0)
    assert mock.aborted == 1

    okap.run("grants", "set", grant_id, "--finish-and-count")
    hang_up_within(okap, token, dict(CHAT, stream=True))
    row = wait_row(okap, 2)
    assert (row["status"], row["error"], row["cost_status"]) == (499, "caller_gone", "known")
    assert units(row) == (10, 5)
    assert row["cost_usd"] == pytest.approx((10 * INPUT + 5 * OUTPUT) / 1e9)
    assert mock.aborted == 1

    # A grant that ends, ends that, too.
    mock.on("POST", PATH, stream(*["word "] * 1000, pause=0.05))
    hang_up_within(okap, token, dict(CHAT, stream=True))
    okap.run("grants", "revoke", grant_id)
    assert wait_row(okap, 3)["error"] == "token_revoked"
    wait_until(lambda: mock.open_streams == 0)


def test_many_at_once_stay_below(okap, mock):
    """Whoever wins, what is settled is never above the limit, and nothing stays reserved."""
    token, grant_id = grant(okap, mock, monthly_spend=0.01, requests_per_minute=1000)
    mock.on("POST", PATH, stream(*["word " * 10] * 40, pause=0.002,
                                 usage=dict(USAGE, completion_tokens=2000)))
    results = []

    def one(i):
        try:
            response, text = chat(okap, token, dict(CHAT, stream=i % 2 == 0, max_tokens=3000))
            results.append((response.status, text))
        except OSError as error:
            results.append((0, str(error)))

    threads = [threading.Thread(target=one, args=(i,)) for i in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status for status, _ in results} <= {200, 402}

    def standing():
        _, text = okap.http("GET", "/okap/grant", headers={"Authorization": f"Bearer {token}"})
        return next(entry for entry in json.loads(text)["remaining"]
                    if entry["limit"] == "monthly_spend")

    wait_until(lambda: standing()["reserved"] == 0)
    assert standing()["settled"] <= 0.01
    time.sleep(0.1)
    assert sum(row["cost_usd"] for row in rows(okap)) <= 0.01 + 1e-12


def test_endpoint_without_a_meter(okap, mock):
    token, _ = grant(okap, mock, provider="cohere", models=[])
    response, text = chat(okap, token, {"model": "command-a"}, "/v1/cohere/v2/parse")
    error = json.loads(text)["error"]
    assert (response.status, error["code"]) == (403, "endpoint_not_allowed"), text
    assert "cannot be counted" in error["message"]
    assert not mock.seen
