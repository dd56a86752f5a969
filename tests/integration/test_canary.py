# SPDX-License-Identifier: GPL-3.0-or-later
"""Plants a key, a passphrase and a token, does everything once, and searches for them in every
file, log line, argument list and environment that the run produced."""
import os
import threading
import time
from pathlib import Path

from conftest import PASSPHRASE, wait_until
from mock_provider import MockProvider

CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}], "stream": True}


class ProcessWatch:
    """Keeps every argument list and environment of our processes while it runs."""

    def __init__(self, home):
        self.home = f"HOME={home}".encode()
        self.seen = {}
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.stop.is_set():
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    environ = (process / "environ").read_bytes()
                    if self.home in environ:
                        self.seen[process.name, environ, (process / "cmdline").read_bytes()] = True
                except OSError:
                    pass
            time.sleep(0.002)

    def finish(self):
        self.stop.set()
        self.thread.join()
        return list(self.seen)


def test_no_secret_anywhere(okap, mock):
    watch = ProcessWatch(okap.folder / "home")
    key = MockProvider.KEY["openai"]
    key_id = okap.add_key(mock, "openai")
    okap.run("keys", "test", key_id)
    token = okap.authorize("openai", models=["gpt-4o-mini"])["token"]
    headers = {"Authorization": f"Bearer {token}"}
    answers = [okap.http("POST", "/v1/openai/chat/completions", CHAT, headers)[1],
               okap.http("POST", "/v1/openai/chat/completions", dict(CHAT, model="x"), headers)[1],
               okap.http("POST", "/v1/openai/chat/completions", CHAT,
                         {"Authorization": f"Bearer {key}"})[1],
               okap.http("GET", "/okap/grant", headers=headers)[1]]
    # A replacement that fails its test, and one that the provider refuses in use.
    new_key = key[:-8] + "NewKey01"
    okap.run("keys", "rotate", key_id, input=new_key + "\n", check=False)
    okap.run("keys", "rotate", key_id, "--no-test", "--json", input=new_key + "\n")
    okap.run("keys", "list")
    answers.append(okap.http("POST", "/v1/openai/chat/completions", CHAT, headers)[1])
    wait_until(lambda: okap.json("keys", "list")["rows"][0]["version"] == 1)
    mock.close()  # the provider is away: an error that must not name the key
    answers.append(okap.http("POST", "/v1/openai/chat/completions", CHAT, headers)[1])
    for command in (("keys", "list"), ("grants", "list"), ("usage",), ("doctor",), ("status",)):
        check = command != ("doctor",)  # a sanitizer's runtime does not lock memory: that is found
        okap.run(*command, check=check)
        okap.run(*command, "--json", check=check)
    grant_id = okap.json("grants", "list")["rows"][0]["id"]
    okap.run("grants", "show", grant_id)
    okap.run("lock")
    okap.run("unlock", passphrase=True)
    okap.run("grants", "revoke", grant_id)
    okap.http("POST", "/v1/openai/chat/completions", CHAT, headers)
    okap.stop()
    processes = watch.finish()
    assert len(processes) >= 10, "the watch saw too few of our processes to mean anything"

    recovery = [line for line in okap.recovery.split() if line.count("-") >= 4]
    assert recovery, okap.recovery
    needles = {"key": key, "new key": new_key, "passphrase": PASSPHRASE,
               "token": token, "token body": token[5:48],
               "recovery code": recovery[0], "recovery plain": recovery[0].replace("-", "")}
    (okap.folder / "commands.log").write_text(
        (okap.folder / "commands.log").read_text().replace(okap.recovery, "", 1))
    found = []
    files = [path for path in okap.folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)
    haystacks = [(str(path), path.read_bytes()) for path in files]
    haystacks += [(f"process {pid} environment", environ) for pid, environ, _ in processes]
    haystacks += [(f"process {pid} arguments", cmdline) for pid, _, cmdline in processes]
    haystacks += [(f"answer {i}", text) for i, text in enumerate(answers)]
    for place, data in haystacks:
        for name, needle in needles.items():
            for form in (needle.encode(), needle.encode().hex().encode(),
                         needle.encode("utf-16-le")):
                if form in data:
                    found.append(f"{name} in {place}")
    assert found == []
    print(f"searched {len(files)} files and {len(processes)} process images for "
          f"{len(needles)} secrets: none found")
    assert os.path.exists(okap.folder / "data" / "okap" / "vault.okap")
