# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors' own packages through Okap, with nothing changed but base URL and key.

Each call of tests/sdk/calls is made twice: straight to a strict mock with the provider's key, and
through Okap, to another one, with a token. What the app saw must be the same, and what reached the
mocks the same to the byte in body and target, with the provider's key in the vendor's place.
Then each package is refused with 401, 402, 403 and 429, and must raise its own class for it.
"""
import concurrent.futures
import json
import os
import re

import pytest

from conftest import wait_until
from mock_provider import MockProvider
from sdk_runs import Run, authorize, check_what_arrived, plain

# What each table of calls is granted; "anthropic-old" is the old major of the same vendor.
VENDORS = {
    "openai": ("openai", ["gpt-4o-mini", "gpt-3.5-turbo-instruct", "text-embedding-3-small",
                          "gpt-image-1", "gpt-4o-mini-tts", "gpt-4o-mini-transcribe", "whisper-1",
                          "omni-moderation-latest", "sora-2"]),
    "anthropic": ("anthropic", ["claude-sonnet-4-5"]),
    "anthropic-old": ("anthropic", ["claude-sonnet-4-5"]),
    "google": ("google", ["gemini-2.5-flash", "gemini-2.5-flash-image", "gemini-embedding-001"]),
    "groq": ("groq", ["openai/gpt-oss-20b", "nomic-embed-text-v1_5",
                      "canopylabs/orpheus-v1-english", "whisper-large-v3",
                      "whisper-large-v3-turbo"]),
    "together": ("together", ["openai/gpt-oss-120b", "intfloat/multilingual-e5-large-instruct",
                              "black-forest-labs/FLUX.1-schnell", "Salesforce/Llama-Rank-V1",
                              "cartesia/sonic", "openai/whisper-large-v3"]),
    "mistral": ("mistral", ["mistral-small-latest", "codestral-latest", "mistral-embed",
                            "mistral-moderation-latest", "mistral-ocr-latest",
                            "voxtral-mini-latest", "voxtral-mini-tts-latest"]),
    "cohere": ("cohere", ["command-r7b-12-2024", "embed-v4.0", "rerank-v3.5",
                          "cohere-transcribe-03-2026"]),
    "replicate": ("replicate", ["meta/meta-llama-3-8b-instruct", "deployments/acme/summaries"]),
    "cerebras": ("cerebras", ["gpt-oss-120b"]),
    "openrouter": ("openrouter", ["openai/gpt-4o-mini", "openai/text-embedding-3-small",
                                  "cohere/rerank-v3.5", "google/gemini-2.5-flash-image",
                                  "openai/gpt-4o-mini-tts", "openai/whisper-1"]),
    "ollama": ("ollama", ["llama3.2", "nomic-embed-text", "gpt-oss:120b-cloud"]),
}

# Calls that Okap refuses to a grant with a list of models and a limit of money, and why.
REFUSED = {
    "mistral": {"batch": "what it used stands only in a file of results"},
    "anthropic": {"batches.list": "tells of the batches of other apps"},
    "anthropic-old": {"batches.list": "the same"},
    "replicate": {"predictions.list": "tells of the predictions of other apps",
                  "account": "tells of the account"},
    "openrouter": {"key": "tells of the key"},
}
# The refusals and words that their messages have.
STATUSES = {401: "no Okap token", 402: "spend", 403: "may not use the model",
            429: "requests_per_minute"}
# A call whose worst case does not fit the spending limit, the limit in dollars, and the member that
# is lowered, or set, so that it fits.
LOWERED = {
    "openai": ("chat", 0.001, ["max_completion_tokens"]),
    "anthropic": ("message", 0.0028, ["max_tokens"]),
    "anthropic-old": ("message", 0.0028, ["max_tokens"]),
    "google": ("generate", 0.001, ["generationConfig", "maxOutputTokens"]),
    "groq": ("chat", 0.001, ["max_completion_tokens"]),
    "together": ("chat", 0.001, ["max_tokens"]),
    "mistral": ("chat", 0.001, ["max_tokens"]),
    "cohere": ("chat", 0.0002, ["max_tokens"]),
    "cerebras": ("chat", 0.001, ["max_completion_tokens"]),
    "openrouter": ("chat", 0.001, ["max_tokens"]),
}
# Other streams than those of chat, whose errors have a form of their own.
STREAMS = {"openai": ["responses"], "openrouter": ["responses"], "google": ["interactions"],
           "cohere": ["v1"]}
# Models that only calls use which tell their use: requests, tokens in and out.
COUNTED = {
    "gpt-image-1": ("openai", 3, 27, 816),
    "gpt-4o-mini-transcribe": ("openai", 3, 42, 12),
    "text-embedding-3-small": ("openai", 1, 6, 0),
    "gemini-2.5-flash-image": ("google", 1, 8, 8),
    "codestral-latest": ("mistral", 2, 24, 6),
    "mistral-embed": ("mistral", 1, 6, 0),
    "mistral-ocr-latest": ("mistral", 1, 0, 0),
    "embed-v4.0": ("cohere", 2, 12, 0),
    "rerank-v3.5": ("cohere", 2, 0, 0),
    "google/gemini-2.5-flash-image": ("openrouter", 1, 12, 3),
}


def make_plan(okap, mock, vendor):
    provider, models = VENDORS[vendor]
    token, base = authorize(okap, provider, models)
    refused = {403: authorize(okap, provider, ["another-model"])[0],
               429: authorize(okap, provider, models, requests_per_minute=1)[0],
               402: authorize(okap, provider, models, monthly_spend=0)[0],
               401: "okap_" + "A" * 49}
    return [{"pass": "proxied", "base": base, "key": token},
            {"pass": "direct", "base": mock.package_url(provider),
             "key": MockProvider.KEY[provider]},
            *({"pass": str(status), "refusal": status, "base": base, "key": key,
               "before": int(status == 429)} for status, key in refused.items()),
            {"pass": "revoked", "base": base, "key": authorize(okap, provider, models)[0],
             "say": "Say it slowly", "revoke": f"{okap.origin}/okap/revoke"},
            *({"pass": f"spent {stream}", "base": base, "say": "Say it at length",
               "stream": stream,
               "key": authorize(okap, provider, models, monthly_spend=LOWERED[vendor][1])[0]}
              for stream in STREAMS.get(vendor, [])),
            *([{"pass": "spent", "base": base, "say": "Say it at length",
                "key": authorize(okap, provider, models, monthly_spend=LOWERED[vendor][1])[0]},
               {"pass": "lowered", "base": base, "only": [LOWERED[vendor][0]],
                "key": authorize(okap, provider, models, monthly_spend=LOWERED[vendor][1])[0]}]
              if vendor in LOWERED else [])]


def count_let_through(run):
    """How many calls of the last passes reached the provider: what came before a refusal for
    the rate, and the stream that was cut."""
    return (not run.ending(429).get("before")) + bool(run.ending("revoked").get("parts")) \
        + sum(record["pass"].split()[0] in ("spent", "lowered") for record in run.records)


@pytest.fixture(scope="module")
def runs(request, sdk, shared_okap):
    """The runs of all vendors that are asked for, two at once."""
    wanted = [item.callspec.params["vendor"] for item in request.session.items
              if "vendor" in getattr(getattr(item, "callspec", None), "params", {})] or VENDORS
    direct, upstream = MockProvider(), MockProvider()
    for provider in {VENDORS[vendor][0] for vendor in wanted}:
        shared_okap.add_key(upstream, provider)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        plans = {vendor: make_plan(shared_okap, direct, vendor) for vendor in wanted}
        yield {vendor: pool.submit(Run, sdk, vendor, plan, (direct, upstream))
               for vendor, plan in plans.items()}
    direct.close()
    upstream.close()


@pytest.fixture
def run(runs, vendor):
    return runs[vendor].result(timeout=120)


def arrived(mock, vendor):
    """What a mock saw of one vendor's package. Okap's own questions, how a job goes, name no
    agent."""
    provider = VENDORS[vendor][0]
    version = {"anthropic": "2026-10-21", "anthropic-old": "2023-06-01"}.get(vendor)
    return [seen for seen in mock.seen if seen.path.startswith(f"/{provider}/")
            and seen.header("user-agent") is not None
            and not seen.path.endswith("/tcp_warming")  # which Okap answers itself
            and (version is None or seen.header("anthropic-version") == version)]


@pytest.mark.parametrize("vendor", VENDORS)
def test_same_for_app_and_provider(run, vendor):
    """What the app saw and what the provider got are as without Okap."""
    direct, proxied = (run.views(name) for name in ("direct", "proxied"))
    failed = run.failed("proxied")
    refused = REFUSED.get(vendor, {})
    assert not run.failed("direct")
    assert failed.keys() == refused.keys(), failed
    for name in refused:
        assert failed[name]["status"] in (403, 405), (name, failed)
    for name in direct.keys() - refused.keys():
        assert plain(proxied[name], run.bases["proxied"]) == \
            plain(direct[name], run.bases["direct"]), name

    provider = VENDORS[vendor][0]
    sent, came = (arrived(mock, vendor) for mock in run.mocks)
    came = came[:len(came) - count_let_through(run)]
    assert len(came) == len(sent) or (failed and len(came) < len(sent))
    check_what_arrived(sent, came, MockProvider.KEY[provider])
    for mock in run.mocks:
        assert not [fault for fault in mock.faults if f"/{provider}/" in fault[0]]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("vendor", VENDORS)
def test_own_error_class(run, vendor, status):
    """A refusal of Okap is an error of the class that the package has for the status."""
    record = run.ending(status)
    failed = record["failed"]
    assert record["typed"] and failed["status"] == status, failed
    assert STATUSES[status] in failed["message"], failed


@pytest.mark.parametrize("vendor, why, words", [
    *((vendor, "revoked", "was revoked") for vendor in VENDORS if vendor != "replicate"),
    *((vendor, "spent", "monthly_spend") for vendor in LOWERED),
    *((vendor, f"spent {name}", "monthly_spend") for vendor, names in STREAMS.items()
      for name in names)])
def test_cut_stream(run, vendor, why, words):
    """A stream that Okap cuts, since its token was given back or the money is used up, ends as an
    error does."""
    record = run.ending(why)
    assert record["parts"] > (0 if why == "revoked" else 10), record
    told = record.get("told") or "{message} {cause}".format_map({"cause": "", **record["failed"]})
    assert "told" in record or record["typed"], record
    assert words in told or vendor == "mistral", record


def test_counted(runs, shared_okap):
    """What the providers told of use is in the books, and nothing is estimated beside it."""
    for future in runs.values():
        future.result(timeout=120)
    expected = {model: [*counts, 0] for model, (vendor, *counts) in COUNTED.items()
                if vendor in runs}

    def count():
        rows = {row["key"]: row for row in shared_okap.json("usage", "--by", "model")["rows"]}
        return {model: [rows[model][name] for name in (
            "requests", "input_tokens", "output_tokens", "estimated_requests")]
            for model in expected if model in rows}

    wait_until(lambda: {m: c[0] for m, c in count().items()} ==
               {m: c[0] for m, c in expected.items()})
    assert count() == expected


@pytest.mark.parametrize("vendor", LOWERED)
def test_lowered_output(run, vendor):
    """What might cost too much is sent with a lower maximum of output, else as it left."""
    name, _, path = LOWERED[vendor]
    assert plain(run.views("lowered")[name], run.bases["lowered"]) == \
        plain(run.views("direct")[name], run.bases["direct"])
    sent, came = (arrived(mock, vendor) for mock in run.mocks)
    first, last = sent[0].body, came[-1].body
    begin = len(os.path.commonprefix([first, last]))
    end = len(os.path.commonprefix([first[begin:][::-1], last[begin:][::-1]]))
    assert re.fullmatch(rb"\d*", first[begin:len(first) - end]), last
    assert re.fullmatch(rb'(,?"(\w+":\{"\w+|\w+)":)?\d+\}?', last[begin:len(last) - end]), last

    value = json.loads(last)
    for member in path:
        value = value[member]
    before = json.loads(first).get(path[0], 1 << 20)
    assert 1 <= value < before
