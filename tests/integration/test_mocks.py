# SPDX-License-Identifier: GPL-3.0-or-later
"""The mocks are strict: each fault that a proxy could make is refused and told."""
import json

import pytest

from mocks import VENDORS, Seen
from mocks.strict import KEYS, Fault

CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}]}
TOKEN = "okap_" + "A" * 49


def ask(vendor, method, target, body=None, headers=(), key=True):
    """What a mock says to a request: an answer, or the fault that it found."""
    vendor = VENDORS[vendor]
    fields = [("host", "127.0.0.1:1"), *headers]
    if key:
        fields.append((vendor.header, vendor.prefix + vendor.key))
    if body is not None and "content-type" not in dict(fields):
        fields.append(("content-type", "application/json"))
    text = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    head = "".join(f"{n}: {v}\r\n" for n, v in fields).encode()
    seen = Seen(method, target, fields, head, text)
    return vendor.answer(seen, seen.path)


def chat(**changes):
    return {**CHAT, **changes}


OPENAI = ("openai", "POST", "/v1/chat/completions")
FAULTS = [
    ("no token of ours in the body", (*OPENAI, chat(user=TOKEN)), {}, 400, "token of Okap"),
    ("nor in a header", (*OPENAI, CHAT), {"headers": [("x-other", TOKEN)]}, 400, "token"),
    ("nor any header of ours", (*OPENAI, CHAT), {"headers": [("x-okap-id", "1")]}, 400, "Okap"),
    ("nor of a proxy", (*OPENAI, CHAT), {"headers": [("via", "1.1 x")]}, 400, "proxy"),
    ("the key", (*OPENAI, CHAT), {"key": False}, 401, "this vendor's key"),
    ("one key", (*OPENAI, CHAT), {"headers": [("x-api-key", "x")]}, 401, "x-api-key"),
    ("no cookie", (*OPENAI, CHAT), {"headers": [("cookie", "a=b")]}, 401, "cookie"),
    ("no key in the query", ("openai", "GET", "/v1/models?key=x"), {}, 401, "query"),
    ("nothing odd in the query", ("openai", "GET", "/v1/models?a=x"), {}, 400, "query"),
    ("its own key", (*OPENAI, CHAT), {"key": False, "headers": [
        ("authorization", "Bearer " + KEYS["groq"])]}, 401, "this vendor's key"),
    ("a known path", ("openai", "POST", "/v1/chat", CHAT), {}, 404, "no path"),
    ("a known method", ("openai", "PUT", "/v1/chat/completions", CHAT), {}, 405, "PUT"),
    ("JSON", (*OPENAI, b"{"), {}, 400, "no JSON"),
    ("its content type", (*OPENAI, CHAT), {"headers": [("content-type", "text/plain")]}, 415,
     "application/json"),
    ("one content type", (*OPENAI, CHAT), {"headers": [
        ("content-type", "application/json"), ("content-type", "text/plain")]}, 400, "twice"),
    ("each member once", (*OPENAI, b'{"model":"a","model":"b","messages":[{"role":"user"}]}'), {},
     400, "twice"),
    ("all members", (*OPENAI, {"model": "a"}), {}, 422, "messages is missing"),
    ("of their types", (*OPENAI, chat(temperature="1")), {}, 422, "temperature"),
    ("no true for a number", (*OPENAI, chat(n=True)), {}, 422, "n: bool"),
    ("messages", (*OPENAI, chat(messages=[])), {}, 422, "messages"),
    ("with roles", (*OPENAI, chat(messages=[{"content": "Hi"}])), {}, 422, "role is missing"),
    ("no member that it does not know", (*OPENAI, chat(budget=1)), {}, 422, "budget"),
    ("usage is not asked for at Groq",
     ("groq", "POST", "/openai/v1/chat/completions", chat(stream=True, stream_options={})), {},
     422, "stream_options"),
    ("nor at Mistral",
     ("mistral", "POST", "/v1/chat/completions", chat(stream=True, stream_options={})), {},
     422, "stream_options"),
    ("a body is no form", ("openai", "POST", "/v1/images/edits", CHAT), {}, 415, "multipart"),
    ("a list has no body", ("openai", "GET", "/v1/models", {}), {}, 400, "body"),
    ("Anthropic's version", ("anthropic", "GET", "/v1/models"), {}, 400, "anthropic-version"),
    ("and its key once", ("anthropic", "GET", "/v1/models"), {"headers": [
        ("anthropic-version", "2026-10-21"),
        ("authorization", "Bearer " + KEYS["anthropic"])]}, 401, "twice"),
    ("not as a Bearer of old", ("anthropic", "GET", "/v1/models"), {"key": False, "headers": [
        ("anthropic-version", "2023-06-01"),
        ("authorization", "Bearer " + KEYS["anthropic"])]}, 401, "authorization"),
    ("no sampling in its new version",
     ("anthropic", "POST", "/v1/messages", chat(max_tokens=1, top_k=1)),
     {"headers": [("anthropic-version", "2026-10-21")]}, 400, "top_k"),
]


@pytest.mark.parametrize("request_, how, status, words", [f[1:] for f in FAULTS],
                         ids=[f[0] for f in FAULTS])
def test_fault(request_, how, status, words):
    with pytest.raises(Fault, match=words) as caught:
        ask(*request_, **how)
    assert caught.value.status == status


def test_no_fault():
    assert ask(*OPENAI, CHAT).status == 200
    assert ask("google", "GET", "/v1beta/models").status == 200
    assert ask("anthropic", "GET", "/v1/models", headers=[
        ("anthropic-version", "2023-06-01")]).status == 200
