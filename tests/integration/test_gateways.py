# SPDX-License-Identifier: GPL-3.0-or-later
"""Gateways as upstreams: a key of two values, and nothing of the app's that could send it away."""
import json

import pytest

from mock_provider import Answer, MockProvider

FIRST = "sk-helicone-CanaryGateway0123456789"
SECOND = "sk-CanaryBehind0123456789abcdef"
CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}
ANSWER = Answer(body=json.dumps({
    "id": "1", "object": "chat.completion", "model": "gpt-4o-mini", "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hi"}}],
    "usage": {"prompt_tokens": 2, "completion_tokens": 1}}).encode())

# provider, path at Okap, path at the gateway, headers that carry the two values
GATEWAYS = [
    ("helicone", "/v1/chat/completions", "/v1/chat/completions",
     {"helicone-auth": f"Bearer {FIRST}", "authorization": f"Bearer {SECOND}"}),
    ("cloudflare", "/compat/chat/completions", "/compat/chat/completions",
     {"cf-aig-authorization": f"Bearer {FIRST}", "authorization": f"Bearer {SECOND}"}),
    ("cloudflare", "/v1/chat/completions", "/chat/completions",
     {"authorization": f"Bearer {FIRST}", "cf-aig-gateway-id": SECOND}),
    ("portkey", "/v1/chat/completions", "/chat/completions",
     {"x-portkey-api-key": FIRST, "authorization": f"Bearer {SECOND}"}),
    ("kilo", "/chat/completions", "/chat/completions",
     {"authorization": f"Bearer {FIRST}", "x-kilocode-organizationid": SECOND}),
]
# What an app may try, to have a gateway send elsewhere what it holds.
TRICKS = {"Helicone-Target-Url": "https://example.com", "X-Portkey-Custom-Host": "https://a.b",
          "X-Portkey-Config": '{"custom_host":"https://example.com"}', "Helicone-Auth": "Bearer x",
          "X-Portkey-Azure-Resource-Name": "mine", "cf-aig-authorization": "Bearer x"}


class Gateway(MockProvider):
    """Answers whoever asks; what was asked is judged by the tests."""

    def _answer(self, seen):
        return ANSWER


def add_key(okap, mock, provider):
    return okap.run("keys", "add", provider, "--second", "--base-url",
                    f"http://127.0.0.1:{mock.port}/{provider}",
                    input=f"{FIRST}\n{SECOND}\n", passphrase=True).stdout.strip()


@pytest.fixture(scope="module")
def gateway(shared_okap):
    mock = Gateway()
    tokens = {}
    for provider in {row[0] for row in GATEWAYS}:
        add_key(shared_okap, mock, provider)
        tokens[provider] = shared_okap.authorize(provider, ["gpt-4o-mini"],
                                                 capabilities=["chat"])["token"]
    yield shared_okap, mock, tokens
    mock.close()


@pytest.mark.parametrize("provider, path, upstream, headers", GATEWAYS,
                         ids=[f"{row[0]}{row[1]}" for row in GATEWAYS])
def test_two_values(gateway, provider, path, upstream, headers):
    okap, mock, tokens = gateway
    before = len(mock.seen)
    response, text = okap.http("POST", f"/v1/{provider}{path}", CHAT,
                               {"Authorization": f"Bearer {tokens[provider]}"})
    assert response.status == 200, text
    seen = mock.seen[before]
    assert seen.target == f"/{provider}{upstream}" and seen.json() == CHAT
    assert {name: seen.header(name) for name in headers} == headers
    assert seen.head.count(FIRST.encode()) == seen.head.count(SECOND.encode()) == 1


@pytest.mark.parametrize("provider, path, upstream, headers", GATEWAYS,
                         ids=[f"{row[0]}{row[1]}" for row in GATEWAYS])
def test_nothing_leads_elsewhere(gateway, provider, path, upstream, headers):
    """Refused where a list of models stands against it; dropped in any case."""
    okap, mock, tokens = gateway
    before = len(mock.seen)
    for name, value in TRICKS.items():
        okap.http("POST", f"/v1/{provider}{path}", CHAT,
                  {"Authorization": f"Bearer {tokens[provider]}", name: value})
    for seen in mock.seen[before:]:
        for name, value in TRICKS.items():
            assert seen.header(name.lower()) in (None, headers.get(name.lower()))


def test_the_second_value_is_secret(gateway):
    okap = gateway[0]
    keys = okap.run("keys", "list").stdout + okap.run("keys", "list", "--json").stdout
    assert FIRST[-4:] in keys and SECOND[-4:] not in keys
    for place in (okap.log(), okap.run("usage", "--json").stdout, keys):
        assert SECOND not in place and FIRST not in place
    for path in okap.folder.rglob("*"):
        if path.is_file():
            assert SECOND.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("provider, args, input, words", [
    ("helicone", [], f"{FIRST}\n{SECOND}\n", "--second"),
    ("helicone", ["--second"], f"{FIRST}\n", "two lines"),
    ("groq", ["--second"], f"{FIRST}\n{SECOND}\n", "no second value"),
    ("openai", [], "sk-" + "admin-" + "a" * 40, "manages your account"),
])
def test_refused_keys(gateway, provider, args, input, words):
    done = gateway[0].run("keys", "add", provider, *args, input=input, check=False)
    assert done.returncode == 1 and words in done.stderr
    assert FIRST not in done.stderr and SECOND not in done.stderr
