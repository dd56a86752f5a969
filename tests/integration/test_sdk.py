# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors' own packages through Okap, with nothing changed but base URL and key.

Each call is made twice: straight to the mock with the provider's key, and through Okap with a
token. What reached the mock must be the same to the byte in its body and target, with the
provider's key in the vendor's place and no token anywhere.
"""
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from mock_provider import MockProvider

SOURCE = Path(__file__).parent.parent / "sdk"
FORBIDDEN = ("openai.refused", "anthropic.refused", "google.refused")


@pytest.fixture(scope="session")
def sdk():
    """The packages of tests/sdk/package-lock.json, installed once in the build folder."""
    folder = Path(os.environ["OKAP_SDK_DIR"]) if "OKAP_SDK_DIR" in os.environ \
        else Path(os.environ["OKAP_BUILD_DIR"]) / "sdk"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "installed"
    lock = (SOURCE / "package-lock.json").read_text()
    if not stamp.exists() or stamp.read_text() != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCE / name, folder)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder,
                       check=True, stdout=subprocess.DEVNULL, timeout=600)
        stamp.write_text(lock)
    shutil.copy(SOURCE / "calls.mjs", folder)
    node = next(folder.glob("node_modules/node-linux-*/bin/node"))
    return folder, str(node)


def call_all(sdk, bases, keys):
    folder, node = sdk
    env = dict(os.environ, KEY_OPENAI=keys[0], KEY_ANTHROPIC=keys[1], KEY_GOOGLE=keys[2])
    for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY",
                 "http_proxy", "https_proxy"):
        env.pop(name, None)
    done = subprocess.run([node, "calls.mjs", *bases], cwd=folder, env=env, text=True,
                          capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["name"]: line["value"] for line in lines}


def test_unmodified_sdks(okap, mock, sdk):
    direct_bases = [mock.base_url("openai"), mock.base_url("anthropic").removesuffix("/v1"),
                    mock.base_url("google")]
    keys = [MockProvider.KEY[p] for p in ("openai", "anthropic", "google")]
    # The old header of Anthropic's key: what its newest package sends straight is a Bearer, which
    # the strict mock refuses, so the direct run tells bodies and targets, not answers.
    call_all(sdk, direct_bases, keys)
    direct = list(mock.seen)
    mock.seen.clear()

    for provider in ("openai", "anthropic", "google"):
        okap.add_key(mock, provider)
    details = [dict(type="ai_model_access", provider=p, models=m, capabilities=["chat"])
               for p, m in (("openai", ["gpt-4o-mini"]), ("anthropic", ["claude-sonnet-4-5"]),
                            ("google", ["gemini-2.5-flash"]))]
    response, text = okap.http("POST", "/okap/authorize", {
        "okap": "1.0", "authorization_details": details, "client": {"name": "SDK test"}})
    granted = json.loads(text)
    assert granted["status"] == "granted", text
    token = granted["token"]
    bases = [entry["base_url"] for entry in granted["authorization_details"]]
    results = call_all(sdk, bases, [token] * 3)

    assert results["openai.chat"] == "Hello from the mock"
    assert results["openai.stream"] == "Hello from the mock"
    assert results["openai.stream.usage"] == 15
    assert results["openai.responses"] == "Hello"
    assert results["openai.models"] == ["gpt-4o", "gpt-4o-mini"]
    assert results["anthropic.message"] == "Hello from the mock"
    assert results["anthropic.stream"] == ["Hello from the mock", 4]
    assert results["anthropic.models"] == ["claude-sonnet-4-5"]
    assert results["google.generate"] == "Hello from the mock"
    assert results["google.stream"] == "Hello from the mock"
    assert results["google.models"] == ["models/gemini-2.5-flash"]
    for name in FORBIDDEN:
        assert results[name]["status"] == 403, results[name]
        assert "forbidden" in results[name]["message"], results[name]

    check_what_arrived(direct, mock.seen, token)

    rows = {row["key"]: row for row in okap.json("usage", "--by", "model")["rows"]}
    assert rows["gpt-4o-mini"]["requests"] == 4
    assert rows["claude-sonnet-4-5"]["requests"] == 2
    assert rows["gemini-2.5-flash"]["requests"] == 2
    assert rows["gemini-2.5-flash"]["output_tokens"] == 16


def check_what_arrived(direct, proxied, token):
    allowed = [seen for seen in direct if b"forbidden" not in seen.body
               and "forbidden" not in seen.target]
    # The SDK retries a call that was refused with 401 no further; each call came once.
    assert [(s.method, s.target) for s in proxied] == [(s.method, s.target) for s in allowed]
    for sent, arrived in zip(allowed, proxied):
        assert arrived.body == sent.body
        assert token.encode() not in arrived.head + arrived.body
        assert b"okap" not in arrived.head.lower()
        assert arrived.header("cookie") is None and arrived.header("origin") is None
        assert arrived.header("host") == sent.header("host")
        for name in ("user-agent", "content-type", "anthropic-version", "x-goog-api-client"):
            assert arrived.header(name) == sent.header(name)
