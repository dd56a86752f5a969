# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens that are useless elsewhere: bound to the program that asked, over both doors, on kept
connections and new ones; and what the user hears of those who try."""
import json
import os
import shutil
import subprocess
import time

import pytest
from conftest import okap_program, wait_until

# A program that asks for access and uses tokens as it is told, a line of JSON each.
CLIENT = r'''#!/usr/bin/python3
import http.client, json, os, socket, sys

class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(self.path)

kept = {}

def call(door, method, path, body, token, keep):
    connection = kept.get(door) if keep else None
    if connection is None:
        connection = (Unix(os.environ["TEST_SOCKET"]) if door == "socket" else
                      http.client.HTTPConnection("127.0.0.1", int(os.environ["TEST_PORT"]),
                                                 timeout=30))
    if keep:
        kept[door] = connection
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = "Bearer " + token
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    response = connection.getresponse()
    answer = {"status": response.status, "retry": response.headers.get("x-should-retry"),
              "text": response.read().decode()}
    if not keep:
        connection.close()
    return answer

for line in sys.stdin:
    print(json.dumps(call(*json.loads(line))), flush=True)
'''
CHAT = ("POST", "/v1/demo/v1/chat/completions",
        {"model": "demo-fast", "messages": [{"role": "user", "content": "Hi"}]})
ASK = ("POST", "/okap/authorize", {
    "okap": "1.0", "client": {"name": "Notes"},
    "authorization_details": [{"type": "ai_model_access", "provider": "demo", "models": []}]})
DOORS = ["tcp", "socket"]


class Program:
    """A process of its own that runs a script."""

    def __init__(self, okap, path):
        self.process = subprocess.Popen(
            ["/usr/bin/python3", str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env=dict(okap.env, TEST_PORT=str(okap.port), TEST_SOCKET=okap.socket_path))

    def call(self, door, what, token=None, keep=False):
        self.process.stdin.write(json.dumps([door, *what, token, keep]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def ask(self, door):
        answer = self.call(door, ASK)
        assert answer["status"] == 200, answer
        return json.loads(answer["text"])["token"]

    def works(self, door, token, keep=False):
        answer = self.call(door, CHAT, token, keep)
        if answer["status"] == 200:
            return True
        error = json.loads(answer["text"])["error"]
        assert answer["status"] == 403 and error["type"] == "wrong_program", answer
        assert answer["retry"] == "false" and token not in answer["text"]
        return False

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture
def okap(make_okap):
    """One whose tokens are bound."""
    return make_okap(portable=False).init().serve()


@pytest.fixture
def start(tmp_path):
    """Starts programs by their names; the same name is the same program."""
    started = []

    def begin(okap, name="a"):
        path = tmp_path / f"{name}.py"
        if not path.exists():
            path.write_text(CLIENT)
            path.chmod(0o755)
        started.append(Program(okap, path))
        return started[-1]

    yield begin
    for program in started:
        program.close()


def shown(okap):
    row = okap.json("grants", "list")["rows"][0]
    return okap.json("grants", "show", row["id"])


@pytest.mark.parametrize("door", DOORS)
def test_bound(okap, start, tmp_path, door):
    a = start(okap)
    token = a.ask(door)
    for way in DOORS:
        assert a.works(way, token)
        assert a.works(way, token, keep=True)
        assert start(okap).works(way, token)  # the same program in another process
    grant = shown(okap)
    assert grant["binding"] == "program" and not grant["portable"] and grant["attempts"] == []
    python = os.path.basename(os.path.realpath("/usr/bin/python3"))
    assert grant["bound_to"] == f"{python} running {tmp_path}/a.py in {os.getcwd()}"

    b = start(okap, "b")  # of the same interpreter
    assert b.works(door, b.ask(door), keep=True)  # a connection that was good for its own token
    since = time.monotonic()
    assert not b.works(door, token, keep=True)
    wait_until(lambda: "Token of “Notes” used by another program" in okap.log(), 1)
    assert time.monotonic() - since < 1
    for way in DOORS:
        for keep in (False, True):
            assert not b.works(way, token, keep)
    assert a.works(door, token, keep=True)

    grant = next(row for row in okap.json("grants", "list")["rows"] if row["attempts"])
    attempt, = grant["attempts"]
    assert attempt["count"] == 5 and not attempt["changed"]
    assert attempt["identity"]["script"] == f"{tmp_path}/b.py"
    shows = okap.run("grants", "show", grant["id"]).stdout
    assert f"refused to   {python} running {tmp_path}/b.py" in shows and "5 times" in shows
    assert f"okap grants show {grant['id']}" in okap.run("grants", "list").stderr
    assert token not in okap.log()


def test_other_kinds(okap, start, tmp_path):
    """An installed program, and one in the user's files."""
    token = start(okap).ask("tcp")
    shutil.copy(shutil.which("curl"), tmp_path / "curl")
    for curl in ("curl", str(tmp_path / "curl")):
        done = subprocess.run([curl, "-s", "-H", "Authorization: Bearer " + token,
                               okap.origin + "/okap/grant"], capture_output=True, text=True)
        assert json.loads(done.stdout)["error"]["type"] == "wrong_program", done.stdout
    wait_until(lambda: len(shown(okap)["attempts"]) == 2)
    kinds = {row["identity"]["kind"] for row in shown(okap)["attempts"]}
    assert kinds == {"installed", "user-program"}


def test_grant_routes(okap, start):
    """Neither told of, nor given back by another program."""
    a, b = start(okap), start(okap, "b")
    token = a.ask("tcp")
    for method, path in (("GET", "/okap/grant"), ("POST", "/okap/revoke")):
        answer = b.call("tcp", (method, path, None), token)
        assert answer["status"] == 403 and "wrong_program" in answer["text"], answer
    assert shown(okap)["state"] == "active"
    assert a.call("tcp", ("GET", "/okap/grant", None), token)["status"] == 200
    assert a.call("tcp", ("POST", "/okap/revoke", None), token)["status"] == 200
    answer = a.call("tcp", CHAT, token)
    assert answer["status"] == 401 and "token_revoked" in answer["text"]


def test_own_form(okap, start):
    """Each provider's SDK reads its own errors; whether the token opens that one is not told."""
    token = start(okap).ask("tcp")
    b = start(okap, "b")
    forms = {
        "/v1/openai/v1/chat/completions": lambda answer: answer["error"]["type"],
        "/v1/anthropic/v1/messages":
            lambda answer: answer["type"] == "error" and answer["error"]["type"],
        "/v1/google/v1beta/models/gemini-2.0-flash:generateContent":
            lambda answer: answer["error"]["code"] == 403 and answer["error"]["status"],
        "/v1/cohere/v2/chat": lambda answer: answer["message"],
    }
    for path, get in forms.items():
        answer = b.call("tcp", ("POST", path, {"model": "x", "messages": []}), token)
        assert answer["status"] == 403 and answer["retry"] == "false", answer
        assert get(json.loads(answer["text"])), answer
        assert "is used by another program" in answer["text"]


def test_revoked_at_once(okap, start):
    a, b = start(okap), start(okap, "b")
    token = a.ask("socket")
    assert not b.works("tcp", token)
    okap.run("grants", "revoke", shown(okap)["id"])
    assert shown(okap)["attempts"] == []  # that is settled
    for program in (a, b):
        assert program.call("tcp", CHAT, token)["status"] == 401


def test_loop(okap, start):
    """A program that tries in a loop is counted, and told of once."""
    token = start(okap).ask("tcp")
    b = start(okap, "b")
    for _ in range(200):
        assert not b.works("tcp", token, keep=True)
    wait_until(lambda: shown(okap)["attempts"][0]["count"] == 200)
    assert okap.log().count("used by another program") == 1


def test_changed_program(okap, start, tmp_path):
    """The same file with other content is another program, and is said to have changed."""
    token = start(okap).ask("tcp")
    (tmp_path / "a.py").write_text(CLIENT + "# and more\n")
    assert not start(okap).works("tcp", token)
    attempt, = shown(okap)["attempts"]
    assert attempt["changed"] is True
    wait_until(lambda: "has changed since it was allowed" in okap.log())


def test_after_restart(okap, start):
    token = start(okap).ask("tcp")
    okap.stop()
    okap.serve()
    assert start(okap).works("tcp", token) and start(okap).works("socket", token)
    assert not start(okap, "b").works("tcp", token)


def test_portable(make_okap, start):
    okap = make_okap().init().serve()  # allows portable ones
    token = start(okap).ask("tcp")
    assert start(okap, "b").works("tcp", token)
    assert shown(okap)["bound_to"] == "Any program that has the token"


def test_request(okap, start, tmp_path):
    """okap request asks for a token for another program: any, or the one that it names."""
    done = okap.run("request", "--provider", "demo")
    assert "any program can use" in done.stderr
    token = json.loads(done.stdout)["token"]
    a, b = start(okap), start(okap, "b")
    assert a.works("tcp", token) and b.works("socket", token)

    done = okap.run("request", "--provider", "demo", "--bind", str(tmp_path / "a.py"))
    assert f"only {tmp_path}/a.py can use" in done.stderr
    token = json.loads(done.stdout)["token"]
    assert a.works("tcp", token) and start(okap).works("socket", token)
    assert not b.works("tcp", token) and not b.works("socket", token)
    for program in ("/usr/bin/python3", "/etc/passwd", "/nonexistent"):
        assert okap.run("request", "--provider", "demo", "--bind", program,
                        check=False).returncode != 0
    assert len(okap.json("grants", "list")["rows"]) == 2


# What okap run starts: each way to have children, using the token in its environment.
FAMILY = r'''
import json, os, shutil, subprocess, sys, time, urllib.request

USE = """
import os, urllib.error, urllib.request
request = urllib.request.Request(
    os.environ["OKAP_VAULT_URL"] + "/okap/grant",
    headers={"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]})
try:
    print(urllib.request.urlopen(request).status)
except urllib.error.HTTPError as e:
    print(e.code, e.read().decode())
"""

def say(name, text):
    print(name, text.strip().split()[0] if text.strip() else "nothing", flush=True)

def forked(times):
    """The answer to the last of so many generations, whose parents have ended."""
    read, write = os.pipe()
    if os.fork() == 0:
        for _ in range(times - 1):
            os.setsid()
            if os.fork() != 0:
                os._exit(0)
        os.dup2(write, 1)
        time.sleep(0.2)  # until the parent is gone
        exec(USE)
        sys.stdout.flush()
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        return answer.read()

exec(USE.replace("print(", "say('self', str(").replace(".status)", ".status))")
        .replace("decode())", "decode()))"))
say("fork", forked(1))
say("daemon", forked(2))
say("python", subprocess.run([sys.executable, "-c", USE], capture_output=True, text=True).stdout)
curl = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H",
        "Authorization: Bearer " + os.environ["OPENAI_API_KEY"],
        os.environ["OKAP_VAULT_URL"] + "/okap/grant"]
say("curl", subprocess.run(curl, capture_output=True, text=True).stdout)
say("nested", subprocess.run(["sh", "-c", "(" + " ".join(f"'{a}'" for a in curl) + ") & wait"],
                             capture_output=True, text=True).stdout)
if shutil.which("node"):
    script = """fetch(process.env.OKAP_VAULT_URL + '/okap/grant', {headers: {Authorization:
        'Bearer ' + process.env.OPENAI_API_KEY}}).then(r => console.log(r.status))"""
    say("node", subprocess.run(["node", "-e", script], capture_output=True, text=True).stdout)
print("token", os.environ["OPENAI_API_KEY"], flush=True)
sys.stdin.read()
'''


def test_run_family(okap, start):
    process = subprocess.Popen(
        [okap_program(), "run", "--provider", "demo", "--", "/usr/bin/python3", "-c", FAMILY],
        env=okap.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True)
    said = {}
    while "token" not in said:
        name, word = process.stdout.readline().split()
        said[name] = word
    token = said.pop("token")
    assert set(said.values()) == {"200"}, said
    assert {"self", "fork", "daemon", "python", "curl", "nested"} <= set(said)
    grant = shown(okap)
    assert grant["binding"] == "run" and grant["term"] == "run"
    assert grant["bound_to"] == ("Started with okap run: /usr/bin/python3 (process "
                                 f"{process.pid}), and what it starts")
    stranger = start(okap)
    for door in DOORS:
        assert not stranger.works(door, token)
    process.stdin.close()
    process.wait(10)
    assert "the access ends with it" in process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    wait_until(lambda: shown(okap)["state"] == "revoked")


def test_run_route_is_for_okap(okap, start):
    """Another program that asks as okap run does is bound to what it is."""
    a = start(okap)
    answer = a.call("socket", ("POST", "/okap/control/run?command=/usr/bin/firefox", ASK[2]))
    token = json.loads(answer["text"])["token"]
    grant = shown(okap)
    assert grant["binding"] == "program" and grant["term"] == "run"
    assert "firefox" not in json.dumps(grant)
    assert a.works("tcp", token) and not start(okap, "b").works("tcp", token)


# The vendors' own packages, which are another program here: what each makes of it.
PACKAGES = r'''
const [origin, token] = process.argv.slice(2);
const { default: OpenAI } = await import('openai');
const { default: Anthropic } = await import('@anthropic-ai/sdk');
const messages = [{ role: 'user', content: 'Hi' }];
const calls = {
  openai: () => new OpenAI({ apiKey: token, baseURL: origin + '/v1/openai' })
    .chat.completions.create({ model: 'gpt-4o-mini', messages }),
  anthropic: () => new Anthropic({ apiKey: token, baseURL: origin + '/v1/anthropic' })
    .messages.create({ model: 'claude-3-5-haiku-latest', max_tokens: 9, messages }),
};
const seen = {};
for (const [name, call] of Object.entries(calls))
  seen[name] = await call().then(() => 'worked', (e) => [e.constructor.name, e.status, e.message]);
console.log(JSON.stringify(seen));
'''


def test_packages(okap, start, sdk):
    """Each raises its own error for what is not permitted, says why, and does not try again."""
    folder, node = sdk
    token = start(okap).ask("tcp")
    script = folder / "bound.mjs"
    script.write_text(PACKAGES)
    done = subprocess.run([node, str(script), okap.origin, token], cwd=folder, env=okap.env,
                          capture_output=True, text=True, timeout=60)
    seen = json.loads(done.stdout)
    for name, (error, status, message) in seen.items():
        assert (error, status) == ("PermissionDeniedError", 403), (name, seen)
        assert "is used by another program" in message and token not in message
    wait_until(lambda: shown(okap)["attempts"])
    attempt, = shown(okap)["attempts"]
    assert attempt["count"] == len(seen)
