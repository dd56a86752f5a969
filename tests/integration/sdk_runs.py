# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of the vendors' own packages, and what they must have in common with and without Okap."""
import fcntl
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "sdk"
PROVIDERS = Path(__file__).parent.parent.parent / "data" / "providers"
CAPABILITIES = ["chat", "completions", "embeddings", "images", "audio", "moderation"]
# What the request of a streamed call that names no stream_options arrives with, where the row of
# the provider says that usage must be asked for. The app must not see what it brings.
INSERTED = b'"stream_options":{"include_usage":true}'
# Headers that arrive as the package sent them.
PASSED = ("user-agent", "content-type", "accept", "anthropic-version", "x-goog-api-client",
          "prefer", "x-fern-sdk-name", "x-fern-sdk-version")
STREAMED = re.compile(r"/(chat/)?completions$")


def copy_changed(source, target):
    """What is as it should be stays untouched: another process may read it now."""
    if not Path(target).exists() or Path(target).read_bytes() != Path(source).read_bytes():
        shutil.copy(source, target)


def install():
    """The packages of tests/sdk/package-lock.json, installed once in the build folder, whichever
    of several processes comes first."""
    folder = Path(os.environ["OKAP_SDK_DIR"]) if "OKAP_SDK_DIR" in os.environ \
        else Path(os.environ["OKAP_BUILD_DIR"]) / "sdk"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "installed"
    wanted = (SOURCE / "package-lock.json").read_text()
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(SOURCE / name, folder)
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
                           cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=600)
            stamp.write_text(wanted)
        copy_changed(SOURCE / "run.mjs", folder / "run.mjs")
        shutil.copytree(SOURCE / "calls", folder / "calls", copy_function=copy_changed,
                        dirs_exist_ok=True)
    node = next(folder.glob("node_modules/node-linux-*/bin/node"))
    return folder, str(node)


class Run:
    """All that one vendor's package did, and what arrived of it."""

    def __init__(self, sdk, vendor, plan, mocks):
        folder, node = sdk
        drop = re.compile(r"(BASE_URL|API_KEY|API_TOKEN|_proxy)$|^OLLAMA_HOST$", re.I)
        env = {name: value for name, value in os.environ.items() if not drop.search(name)}
        done = subprocess.run([node, "run.mjs", vendor], cwd=folder, env=env, text=True,
                              input=json.dumps(plan), capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr
        self.records = [json.loads(line) for line in done.stdout.split("\n") if line]
        self.mocks = mocks
        self.bases = {entry["pass"]: entry["base"] for entry in plan}

    def views(self, name):
        """What the app saw in one pass, by call."""
        return {record["name"]: record.get("value", record.get("failed"))
                for record in self.records if record["pass"] == name}

    def failed(self, name):
        return {record["name"]: record["failed"] for record in self.records
                if record["pass"] == name and "failed" in record}

    def ending(self, name):
        """How a pass of one call ended, named after a status or "revoked"."""
        [record] = [record for record in self.records if record["pass"] == str(name)]
        return record


def authorize(okap, provider, models, **limits):
    granted = okap.authorize(provider, models, capabilities=CAPABILITIES,
                             limits={"monthly_spend": 100, "daily_spend": 100, **limits})
    assert granted["status"] == "granted", granted
    [entry] = granted["authorization_details"]
    return granted["token"], entry["base_url"]


def plain(view, base):
    """What an app saw, without what must differ: HTTP headers, and addresses of the API."""
    def strip(value):
        if isinstance(value, list):
            return [strip(item) for item in value]
        if isinstance(value, dict):
            return {n: strip(item) for n, item in value.items() if n != "sdkHttpResponse"}
        return value

    text = json.dumps(strip(view), sort_keys=True)
    text = text.replace(f"{base}/v1/", "BASE/").replace(f"{base}/", "BASE/")
    return re.sub(r"http://127\.0\.0\.1:\d+/", "http://mock/", text)


def asks_for_usage(provider):
    """Whether usage must be asked for in a stream of chat completions."""
    path = PROVIDERS / f"{provider}.json"
    row = json.loads((path if path.exists() else PROVIDERS / "openai-compatible.json").read_text())
    return row["stream_usage"] == "ask"


def as_it_must_arrive(sent):
    """The body of a request of an app as the provider gets it: with one member more, behind the
    last one, where usage must be asked for, else as it is."""
    if not STREAMED.search(sent.path) or not asks_for_usage(sent.path.split("/")[1]):
        return sent.body
    members = sent.json()
    if not members.get("stream") or "stream_options" in members:
        return sent.body
    end = re.search(rb"\s*\}\s*$", sent.body).start()
    return sent.body[:end] + b"," + INSERTED + sent.body[end:]


def same_body(sent, arrived):
    kind = re.compile(rb"(?i)boundary=(\S+)")
    marks = [kind.search(seen.head) for seen in (sent, arrived)]
    if all(marks):
        return sent.body.replace(marks[0][1], b"-") == arrived.body.replace(marks[1][1], b"-")
    return arrived.body == as_it_must_arrive(sent)


def check_what_arrived(sent, arrived, key):
    """Each request of the app reached the provider as it left the app, but for the key."""
    assert [(s.method, s.target) for s in arrived] == \
        [(s.method, s.target) for s in sent[:len(arrived)]]
    for left, came in zip(sent, arrived):
        assert same_body(left, came), (came.target, left.body, came.body)
        assert came.header("host").split(":")[0] == left.header("host").split(":")[0]
        assert came.header("cookie") is None and came.header("origin") is None
        for name, value in left.headers:
            if name in PASSED or name.startswith("x-stainless"):
                assert name == "content-type" and "boundary" in value \
                    or came.header(name) == value, (came.target, name)
        keys = [value for name, value in came.headers if key in value]
        assert len(keys) == (0 if "/stream/" in came.path else 1), came.head
