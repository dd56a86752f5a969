# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenAI's package where it is not at OpenAI: vendors that have no package of their own, those
that speak OpenAI's API beside theirs, Azure's class for it, and a server that the user added."""
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


@pytest.fixture(scope="module")
def run(sdk, shared_okap):
    """One run of the package with a pass for each place, straight and through Okap."""
    direct, upstream = MockProvider(), MockProvider()
    plan = []
    for provider in sorted({place[0] for place in PLACES.values()}):
        shared_okap.add_key(upstream, provider)
    for name, (provider, path, model, only) in PLACES.items():
        token, base = authorize(shared_okap, provider, [model])
        options = {"model": model, "azure": name == "azure-dated"}
        key = MockProvider.KEY.get(provider, MockProvider.KEY["other"])
        plan += [{"pass": f"proxied {name}", "base": base + path, "key": token, "only": only,
                  "options": options},
                 {"pass": f"direct {name}", "base": direct.base_url(provider) + (
                     "" if direct.base_url(provider).endswith(path) else path), "key": key,
                  "only": only, "options": options}]
    yield Run(sdk, "openai-elsewhere", plan, (direct, upstream))
    direct.close()
    upstream.close()


@pytest.mark.parametrize("place", PLACES)
def test_same_elsewhere(run, place):
    provider, path, model, only = PLACES[place]
    assert not run.failed(f"direct {place}")
    assert not run.failed(f"proxied {place}")
    direct, proxied = run.views(f"direct {place}"), run.views(f"proxied {place}")
    assert list(direct) == list(proxied) == only
    for name in only:
        assert plain(proxied[name], "") == plain(direct[name], ""), name


def test_what_arrived_elsewhere(run):
    """Of all places in their order."""
    for provider in {place[0] for place in PLACES.values()}:
        sent, came = ([seen for seen in mock.seen if seen.path.startswith(f"/{provider}/")]
                      for mock in run.mocks)
        assert len(came) == len(sent)
        check_what_arrived(sent, came,
                           MockProvider.KEY.get(provider, MockProvider.KEY["other"]))
    assert not any(mock.faults for mock in run.mocks)
