# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenAI's package where it is not at OpenAI: vendors that have no package of their own, those
that speak OpenAI's API beside theirs, Azure's class for it, and a server that the user added.
Anthropic's package where its API is spoken, too."""
import pytest

from mock_provider import MockProvider
from sdk_runs import Run, authorize, check_what_arrived, plain

CHAT = ["chat", "chat.stream", "chat.stream.usage"]
# The provider, what an app appends to its base URL, the model, the calls.
PLACES = {
    "anthropic": ("anthropic", "/v1", "claude-sonnet-4-5", CHAT),
    "google": ("google", "/v1beta/openai", "gemini-2.5-flash", [*CHAT, "embeddings", "models"]),
    "cohere": ("cohere", "/compatibility/v1", "command-r7b-12-2024", [*CHAT, "embeddings"]),
    "ollama": ("ollama", "/v1", "llama3.2", [*CHAT, "embeddings", "models"]),
    "deepseek": ("deepseek", "", "deepseek-chat", [*CHAT, "models"]),
    "xai": ("xai", "", "grok-4", [*CHAT, "models"]),
    "fireworks": ("fireworks", "", "accounts/fireworks/models/gpt-oss-120b", [*CHAT, "models"]),
    "sambanova": ("sambanova", "", "gpt-oss-120b", [*CHAT, "models"]),
    "azure": ("azure-openai", "/openai/v1", "gpt-4o-mini", [*CHAT, "embeddings", "models"]),
    "azure-dated": ("azure-openai", "/openai", "gpt-4o-mini", CHAT),
    "own": ("own", "", "own-model", [*CHAT, "embeddings", "models"]),
}

MESSAGES = ["message", "message.stream"]
ANTHROPIC = {
    "messages-openrouter": ("openrouter", "", "openai/gpt-4o-mini", MESSAGES),
    "messages-ollama": ("ollama", "", "llama3.2", MESSAGES),
    "messages-deepseek": ("deepseek", "/anthropic", "deepseek-chat", MESSAGES),
    "messages-xai": ("xai", "", "grok-4", MESSAGES),
    "messages-fireworks": ("fireworks", "", "accounts/fireworks/models/gpt-oss-120b", MESSAGES),
}


def make_plan(okap, direct, places, suffix=""):
    plan = []
    for name, (provider, path, model, only) in places.items():
        token, base = authorize(okap, provider, [model])
        options = {"model": model, "azure": name == "azure-dated"}
        root = direct.base_url(provider).removesuffix(suffix)
        plan += [{"pass": f"proxied {name}", "base": base + path, "key": token, "only": only,
                  "options": options},
                 {"pass": f"direct {name}", "base": root.removesuffix(path) + path,
                  "key": MockProvider.KEY.get(provider, MockProvider.KEY["other"]),
                  "only": only, "options": options}]
    return plan


@pytest.fixture(scope="module")
def runs(sdk, shared_okap):
    """One run of each package with a pass for each place, straight and through Okap."""
    direct, upstream = MockProvider(), MockProvider()
    for provider in sorted({place[0] for place in (PLACES | ANTHROPIC).values()}):
        shared_okap.add_key(upstream, provider)
    mocks = direct, upstream
    yield {**dict.fromkeys(PLACES, Run(sdk, "openai-elsewhere", make_plan(
               shared_okap, direct, PLACES), mocks)),
           **dict.fromkeys(ANTHROPIC, Run(sdk, "anthropic-elsewhere", make_plan(
               shared_okap, direct, ANTHROPIC, "/v1"), mocks))}
    direct.close()
    upstream.close()


@pytest.mark.parametrize("place", PLACES | ANTHROPIC)
def test_same_elsewhere(runs, place):
    _, _, _, only = (PLACES | ANTHROPIC)[place]
    run = runs[place]
    assert not run.failed(f"direct {place}")
    assert not run.failed(f"proxied {place}")
    direct, proxied = run.views(f"direct {place}"), run.views(f"proxied {place}")
    assert list(direct) == list(proxied) == only
    for name in only:
        assert plain(proxied[name], "") == plain(direct[name], ""), name


def test_what_arrived_elsewhere(runs):
    """Of all places in their order."""
    mocks = runs["own"].mocks
    for provider in {place[0] for place in (PLACES | ANTHROPIC).values()}:
        sent, came = ([seen for seen in mock.seen if seen.path.startswith(f"/{provider}/")]
                      for mock in mocks)
        assert len(came) == len(sent) > 0
        check_what_arrived(sent, came,
                           MockProvider.KEY.get(provider, MockProvider.KEY["other"]))
    assert not any(mock.faults for mock in mocks)
