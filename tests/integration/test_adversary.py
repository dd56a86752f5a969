# SPDX-License-Identifier: GPL-3.0-or-later
"""An app with a capped grant that wants more than its cap, and a provider that says odd things."""
import gzip
import http.client
import json
import time

import pytest

from conftest import wait_until
from mock_provider import Answer, sse

CAP = 0.01
COST = (1000 * 150 + 100 * 600) / 1e9  # dollars, of an honest answer with answer_with()
MODEL = "gpt-4o-mini"
THINKER = "gpt-5"
WRITER = "gpt-3.5-turbo-instruct"
MESSAGES = [{"role": "user", "content": "Hi"}]
CHAT = {"model": MODEL, "max_tokens": 100, "service_tier": "default", "messages": MESSAGES}


@pytest.fixture(scope="module")
def capped(shared_okap):
    """A vault with one capped grant after the other, at one mock."""
    from mock_provider import MockProvider
    mock = MockProvider()
    for provider in ("openai", "google"):
        shared_okap.add_key(mock, provider)
    yield shared_okap, mock
    mock.close()


def grant(okap, provider="openai", models=(MODEL, THINKER, WRITER), cap=CAP):
    return okap.authorize(provider, models=list(models), limits={"monthly_spend": cap},
                          capabilities=["chat", "completions"])["token"]


def post(okap, token, path, body, **headers):
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
    return okap.http("POST", path, body, dict({"Authorization": f"Bearer {token}",
                                               "Content-Type": "application/json"}, **headers))


def standing(okap, token):
    _, text = okap.http("GET", "/okap/grant", headers={"Authorization": f"Bearer {token}"})
    row = next(r for r in json.loads(text)["remaining"] if r["limit"] == "monthly_spend")
    return row["settled"], row["reserved"]


def settled(okap, token):
    wait_until(lambda: standing(okap, token)[1] == 0 and standing(okap, token)[0] > 0)
    return standing(okap, token)[0]


def raw(**members):
    """The usual body with a member that JSON of our own making cannot have."""
    text = json.dumps(CHAT)[:-1]
    return text + "".join(f', "{name}": {value}' for name, value in members.items()) + "}"


UNCLEAR = {
    "answers as text": raw(n='"8"'),
    "answers as a fraction": raw(n="8.0"),
    "answers as a power": raw(n="1e1"),
    "answers in a list": raw(n="[8]"),
    "twice": raw(max_tokens="90000"),
    "escaped, twice": raw(**{"max\\u005ftokens": "90000"}),
    "in capitals": raw(MAX_TOKENS="90000"),
    "sign of Kelvin": raw(**{"max_to\u212Aens": "90000"}),
    "long s, escaped": raw(**{"max_token\\u017f": "90000"}),
}


@pytest.mark.parametrize("what", UNCLEAR)
def test_what_is_not_certain_does_not_leave(capped, what):
    okap, mock = capped
    token = grant(okap)
    before = len(mock.seen)
    response, text = post(okap, token, "/v1/openai/chat/completions", UNCLEAR[what].encode())
    assert response.status == 400, text
    assert standing(okap, token) == (0, 0) and len(mock.seen) == before


@pytest.mark.parametrize("provider, path, headers, body", [
    ("openai", "/v1/openai/chat/completions", {"Content-Encoding": "gzip"},
     gzip.compress(json.dumps(dict(CHAT, n=100)).encode())),
    # Its model stands in the path, so that nobody needs to read the body.
    ("google", "/v1/google/v1beta/models/gemini-2.5-flash:generateContent",
     {"Content-Encoding": "gzip"}, gzip.compress(json.dumps(
         {"contents": [{"parts": [{"text": "Hi"}]}],
          "generationConfig": {"candidateCount": 8}}).encode())),
    ("openai", "/v1/openai/chat/completions",
     {"Content-Type": "application/x-www-form-urlencoded"}, raw(user='"&n=100&"').encode()),
])
def test_what_cannot_be_read_does_not_leave(capped, provider, path, headers, body):
    okap, mock = capped
    token = grant(okap, provider, models=())
    before = len(mock.seen)
    response, text = post(okap, token, path, body, **headers)
    assert response.status in (400, 403), text
    assert standing(okap, token) == (0, 0) and len(mock.seen) == before


def test_each_of_many_prompts_is_answered(capped):
    okap, mock = capped
    mock.on("POST", "/openai/v1/completions", Answer(body=json.dumps(
        {"id": "c", "object": "text_completion", "model": WRITER,
         "choices": [{"index": 0, "text": "x", "finish_reason": "stop"}],
         "usage": {"prompt_tokens": 50, "completion_tokens": 50, "total_tokens": 100}}).encode()))
    token = grant(okap)
    response, text = post(okap, token, "/v1/openai/completions",
                          {"model": WRITER, "prompt": ["a"] * 50, "max_tokens": 1000})
    assert response.status == 200, text
    sent = mock.seen[-1].json()
    assert sent["max_tokens"] * 50 * 2_000 <= CAP * 1e9, "dearer than what was set aside"


def leave_after(okap, token, body, words):
    connection = http.client.HTTPConnection("127.0.0.1", okap.port, timeout=30)
    connection.request("POST", "/v1/openai/chat/completions", json.dumps(body),
                       {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    response = connection.getresponse()
    seen = b""
    while words not in seen:
        seen += response.read1(4096)
    connection.sock.close()
    response.close()
    connection.close()


def test_thoughts_are_not_free_for_who_leaves_before_the_usage(capped):
    """A model thinks for a while, answers in few words, and the app hangs up on the last one."""
    okap, mock = capped
    chunk = {"id": "c", "object": "chat.completion.chunk", "model": THINKER}
    said = [dict(chunk, choices=[{"index": 0, "delta": {"content": word}}])
            for word in ["."] * 10 + ["DONE"]]
    mock.on("POST", "/openai/v1/chat/completions", Answer(
        content_type="text/event-stream", pause=0.06, pieces=sse(*said, *said[:10] * 10)))
    token = grant(okap, cap=1)
    begun = time.monotonic()
    leave_after(okap, token, {"model": THINKER, "stream": True, "service_tier": "default",
                              "max_completion_tokens": 20000, "messages": MESSAGES}, b"DONE")
    seconds = time.monotonic() - begun
    assert settled(okap, token) > seconds * 0.7 * 300 * 10_000 / 1e9


def test_what_is_not_here_is_not_free_for_who_leaves_at_once(capped):
    """A conversation that the provider keeps is read as soon as the request is there."""
    okap, mock = capped
    mock.on("POST", "/openai/v1/responses", Answer(
        content_type="text/event-stream", pause=0.2,
        pieces=sse(*[{"type": "response.in_progress"}] * 30)))
    token = grant(okap, cap=1)
    before = len(mock.seen)
    connection = http.client.HTTPConnection("127.0.0.1", okap.port, timeout=30)
    connection.request("POST", "/v1/openai/responses", json.dumps(
        {"model": MODEL, "input": "Hi", "previous_response_id": "resp_1", "stream": True,
         "service_tier": "default", "max_output_tokens": 100}),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    wait_until(lambda: len(mock.seen) > before)
    connection.sock.close()
    connection.close()
    assert settled(okap, token) >= 128_000 * 150 / 1e9


def answer_with(**more):
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
    headers = more.pop("headers", {})
    usage.update(more.pop("usage", {}))
    return Answer(headers=headers, body=json.dumps(dict(
        {"id": "c", "object": "chat.completion", "model": MODEL, "usage": usage,
         "choices": [{"index": 0, "finish_reason": "stop",
                      "message": {"role": "assistant", "content": "Hi"}}]}, **more)).encode())


@pytest.mark.parametrize("answer", [
    answer_with(usage={"cost": 0}),
    answer_with(usage={"cost": 0.000000001}),
    answer_with(usage={"cost": {"total_cost": 0}}),
    answer_with(usage={"cost_in_usd_ticks": 1}),
    answer_with(cost=0),
    answer_with(headers={"x-litellm-response-cost": "0.000000001"}),
    answer_with(headers={"x-litellm-response-cost": "-5"}),
], ids=str)
def test_who_is_not_known_to_tell_its_bill_cannot_make_it_smaller(capped, answer):
    okap, mock = capped
    mock.on("POST", "/openai/v1/chat/completions", answer)
    token = grant(okap)
    response, text = post(okap, token, "/v1/openai/chat/completions", CHAT)
    assert response.status == 200, text
    assert settled(okap, token) >= COST


def usage_of(prompt, output, **more):
    return dict({"prompt_tokens": prompt, "completion_tokens": output,
                 "total_tokens": prompt + output}, **more)


def events(*usages, text="word " * 10, kind="text/event-stream"):
    chunk = {"id": "c", "object": "chat.completion.chunk", "model": MODEL}
    said = [dict(chunk, usage=usage, choices=[{"index": 0, "delta": {"content": text}}])
            for usage in usages]
    return Answer(content_type=kind, pieces=sse(*said, "[DONE]"))


LIES = {
    "usage null": events(None, None),
    "shrinks": events(usage_of(10, 5), usage_of(10, 9000), usage_of(0, 0)),
    "negative": events(usage_of(-10, -5)),
    "huge": events(usage_of(10, 10 ** 18)),
    "beyond 64 bits": events(usage_of(10 ** 30, 10 ** 30)),
    "a fraction": events(usage_of(10.5, 5.5)),
    "all is cached": events(usage_of(10, 5, prompt_tokens_details={"cached_tokens": 10 ** 9})),
    "events as JSON": events(*[None] * 500, text="word " * 50, kind="application/json"),
    "events as text": events(*[None] * 500, text="word " * 50, kind="text/plain"),
    "JSON as events": Answer(content_type="text/event-stream", body=answer_with().body),
    "compressed": Answer(headers={"Content-Encoding": "gzip"},
                         body=gzip.compress(answer_with().body)),
    "an error with 200": Answer(body=b'{"error":{"message":"no"}}'),
    "moved": Answer(307, headers={"Location": "https://elsewhere.example/"}, body=b""),
    "nothing": Answer(204, body=b""),
    "half of JSON": Answer(body=answer_with().body[:-40]),
    "usage twice": Answer(body=b'{"model":"gpt-4o-mini","usage":{"prompt_tokens":100,'
                               b'"completion_tokens":100},"usage":{"prompt_tokens":0,'
                               b'"completion_tokens":0}}'),
    "long headers": answer_with(headers={"x-long": "a" * 30000}),
}


@pytest.mark.parametrize("what", LIES)
@pytest.mark.parametrize("stream", (False, True))
def test_no_answer_passes_the_cap_or_keeps_it_reserved(capped, what, stream):
    okap, mock = capped
    mock.on("POST", "/openai/v1/chat/completions", LIES[what])
    token = grant(okap, cap=0.002)
    for _ in range(6):
        try:
            post(okap, token, "/v1/openai/chat/completions",
                 dict(CHAT, stream=stream, max_tokens=10000))
        except (http.client.HTTPException, OSError):
            pass
        used, reserved = standing(okap, token)
        assert used + reserved <= 0.002 + 1e-12, (used, reserved)
    wait_until(lambda: standing(okap, token)[1] == 0)


def test_the_dearer_of_two_usages_counts(capped):
    okap, mock = capped
    mock.on("POST", "/openai/v1/chat/completions", LIES["usage twice"])
    token = grant(okap)
    post(okap, token, "/v1/openai/chat/completions", CHAT)
    assert settled(okap, token) >= (100 * 150 + 100 * 600) / 1e9
