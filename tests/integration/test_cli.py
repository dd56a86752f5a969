# SPDX-License-Identifier: GPL-3.0-or-later
"""The okap command as people and scripts use it: output, exit status, terminal."""
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from conftest import PASSPHRASE, okap_program, wait_until

COMMANDS = ["open", "init", "serve", "status", "unlock", "lock", "doctor", "keys add", "keys list",
            "keys remove", "keys test", "request", "grants list", "grants show", "grants pause",
            "grants resume", "grants revoke", "usage", "run"]
KEY = "sk-canary-0123456789abcdefghijklmnopqrstuvwxyz"


class Terminal:
    """okap on a terminal of its own, as a person sees it."""

    def __init__(self, okap, *args, program=None):
        program = program or okap_program()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(program, [program, *args], okap.env)
        self.unread = ""
        self.shown = ""

    def until(self, text, seconds=20):
        """Reads up to and with text; returns what came."""
        end = time.monotonic() + seconds
        while text not in self.unread:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            assert ready, f"expected {text!r}, saw {self.unread!r}"
            try:
                came = os.read(self.fd, 4096).decode()
            except OSError:
                came = ""
            assert came, f"expected {text!r} before the end, saw {self.unread!r}"
            self.unread += came
            self.shown += came
        before, _, self.unread = self.unread.partition(text)
        return before + text

    def type(self, line):
        os.write(self.fd, line.encode() + b"\n")

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def end(self, how=None):
        if how is not None:
            os.kill(self.pid, how)
        while True:  # what is still shown must be read, or the program cannot end
            ready, _, _ = select.select([self.fd], [], [], 20)
            assert ready, "the program does not end"
            try:
                came = os.read(self.fd, 4096).decode(errors="replace")
            except OSError:
                break
            if not came:
                break
            self.shown += came
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


@pytest.fixture
def terminal(make_okap):
    """okap serve --approve=ask on a terminal, unlocked over a pipe."""
    okap = make_okap().init()
    served = Terminal(okap, "serve", "--listen", "127.0.0.1:0")
    served.until("okap: ready http://")
    served.okap = okap
    okap.run("unlock", input=PASSPHRASE)
    yield served
    served.end(signal.SIGTERM)


def start_request(okap, *args):
    return subprocess.Popen([okap_program(), "request", *args], env=okap.env, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def outcome(process):
    text, _ = process.communicate(timeout=30)
    return process.returncode, json.loads(text)


# --- help and misuse ---

@pytest.mark.parametrize("command", COMMANDS)
def test_help(make_okap, command):
    done = make_okap().run(*command.split(), "--help")
    assert f"okap {command}" in done.stdout and "Example:\n" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("command", [*COMMANDS, "", "keys", "grants", "nonsense"])
def test_unknown_option(make_okap, command):
    done = make_okap().run(*command.split(), "--no-such-option", check=False)
    assert done.returncode == 2, done
    assert done.stdout == "" and done.stderr != ""


@pytest.mark.parametrize("args", [
    ["status", "extra"], ["keys", "add"], ["keys", "add", "a", "b"], ["keys", "remove"],
    ["grants", "show"], ["usage", "--by", "moon"], ["usage", "--since", "soon"],
    ["serve", "--listen", "0.0.0.0:6527"], ["serve", "--listen", "192.168.0.1:6527"],
    ["serve", "--listen", "127.0.0.1"], ["serve", "--approve", "maybe"],
    ["serve", "--passphrase-fd", "x"], ["request"], ["request", "-", "--provider", "openai"],
    ["request", "--model", "gpt-4o"], ["request", "--provider", "openai", "--monthly", "lots"],
    ["run", "--provider", "openai"], ["run", "--", "true"],
])
def test_misuse(make_okap, args):
    done = make_okap().run(*args, check=False)
    assert done.returncode == 2, done
    assert done.stdout == "" and done.stderr.startswith("okap ")


@pytest.mark.parametrize("args", [
    ["status"], ["unlock"], ["lock"], ["keys", "list"], ["grants", "list"], ["usage"],
    ["request", "--provider", "demo"], ["run", "--provider", "demo", "--", "true"]])
def test_not_running(make_okap, args):
    done = make_okap().run(*args, check=False)
    assert done.returncode == 1
    assert "Okap is not running. Open the app, or run: okap serve" in done.stderr


def test_no_display(make_okap):
    done = make_okap().run(check=False)
    assert done.returncode == 1 and "okap serve" in done.stderr


# --- vault ---

def test_init(make_okap):
    okap = make_okap()
    done = okap.run("serve", check=False)
    assert done.returncode == 1 and "okap init" in done.stderr
    okap.init()
    assert len(okap.recovery.strip().splitlines()) == 1
    again = okap.run("init", passphrase=True, check=False)
    assert again.returncode == 1 and again.stdout == ""
    okap.serve(unlock=False)
    assert okap.json("status")["vault"] == "locked"
    okap.run("unlock", input=okap.recovery)
    assert okap.json("status")["vault"] == "unlocked"
    okap.run("lock")
    assert okap.run("keys", "list", check=False).returncode == 1
    wrong = okap.run("unlock", input="wrong", check=False)
    assert wrong.returncode == 1 and okap.json("status")["vault"] == "locked"


def test_serve_with_wrong_passphrase(make_okap):
    okap = make_okap().init()
    okap.passphrase = "wrong"
    done = okap.run("serve", "--listen", "127.0.0.1:0", passphrase=True, check=False)
    assert done.returncode == 1 and done.stdout == ""


def test_one_okap_at_a_time(okap):
    done = okap.run("serve", "--listen", "127.0.0.1:0", check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert okap.json("status")["pid"] == okap.server.pid


def test_init_on_a_terminal(make_okap):
    okap = make_okap()
    asked = Terminal(okap, "init")
    asked.until("New passphrase: ")
    assert not asked.echoes()
    asked.type(PASSPHRASE)
    asked.until("same again: ")
    asked.type("something else")
    assert asked.end() == 1
    assert "differ" in asked.shown and PASSPHRASE not in asked.shown

    asked = Terminal(okap, "init")
    asked.until("New passphrase: ")
    asked.type(PASSPHRASE)
    asked.until("same again: ")
    asked.type(PASSPHRASE)
    assert asked.end() == 0
    assert "recovery code" in asked.shown and PASSPHRASE not in asked.shown


# --- keys ---

def test_keys(okap):
    added = okap.run("keys", "add", "openai", "--label", "My key", input=KEY + "\n").stdout.strip()
    row, = okap.json("keys", "list")["rows"]
    assert row["id"] == added and row["label"] == "My key" and row["tail"] == KEY[-4:]
    table = okap.run("keys", "list").stdout
    assert added in table and KEY[:12] not in table
    okap.run("keys", "remove", added)
    assert okap.json("keys", "list") == {"rows": []}
    assert okap.run("keys", "remove", added, check=False).returncode == 1


@pytest.mark.parametrize("args", [
    ["openai", KEY], [KEY], ["openai", "--label", KEY], ["openai", f"--label={KEY}"],
    ["openai", "0123456789abcdef0123456789abcdef"], ["AIzaSyabc"]])
def test_key_as_argument(okap, args):
    done = okap.run("keys", "add", *args, input="", check=False)
    assert done.returncode == 2
    for word in (KEY, "0123456789abcdef0123456789abcdef", "AIzaSyabc"):
        assert word not in done.stderr + done.stdout


@pytest.mark.parametrize("provider,key,extra", [
    ("openai", "", []), ("openai", "two words", []), ("openai", "k\ney", []),
    ("no-such", KEY, []), ("own", KEY, ["--base-url", "http://example.com/v1"]),
    ("own", KEY, ["--base-url", "not a url"]), ("openai", "x" * 5000, [])])
def test_key_refused(okap, provider, key, extra):
    done = okap.run("keys", "add", provider, *extra, input=key + "\n", check=False)
    assert done.returncode in (1, 2)
    assert key == "" or key not in done.stderr
    assert okap.json("keys", "list") == {"rows": []}


def test_key_tested(okap, mock):
    assert okap.run("keys", "test", okap.add_key(mock, "openai")).stdout.strip()
    wrong = okap.run("keys", "add", "openai", "--base-url", mock.base_url("openai"),
                     input="sk-not-the-key\n").stdout.strip()
    done = okap.run("keys", "test", wrong, check=False)
    assert done.returncode == 1 and done.stderr


# --- request, grants, usage ---

def test_request(okap, tmp_path):
    answer = json.loads(okap.run("request", "--provider", "demo", "--model", "demo-fast", "--monthly",
                                 "3", "--daily", "1.5", "--rpm", "5", "--rpd", "50", "--expires",
                                 "12h", "--name", "Bücher", "--reason", "Try").stdout)
    detail, = answer["authorization_details"]
    assert answer["status"] == "granted" and detail["models"] == ["demo-fast"]
    assert detail["limits"] == {"monthly_spend": 3, "daily_spend": 1.5, "requests_per_minute": 5,
                                "requests_per_day": 50}
    flat = {"okap": "1.0", "provider": "demo", "models": [], "capabilities": ["chat"],
            "app_name": "Flat"}
    (tmp_path / "flat.json").write_text(json.dumps(flat))
    assert json.loads(okap.run("request", str(tmp_path / "flat.json")).stdout)["approved"] is True
    assert json.loads(okap.run("request", "-", input=json.dumps(flat)).stdout)["approved"] is True
    apps = [row["app"] for row in okap.json("grants", "list")["rows"]]
    assert apps == ["Flat", "Flat", "Bücher"]


def test_request_refused(make_okap):
    okap = make_okap(approve="never").init().serve()
    done = okap.run("request", "--provider", "demo", check=False)
    assert done.returncode == 1 and json.loads(done.stdout)["status"] == "denied"
    done = okap.run("request", "-", input="{", check=False)
    assert done.returncode == 1 and "JSON" in done.stderr


def test_nobody_to_ask(make_okap):
    okap = make_okap(approve="ask").init().serve()
    assert "no_display" in okap.log()
    _, text = okap.http("POST", "/okap/request", {"okap": "1.0", "provider": "demo", "models": [],
                                                  "capabilities": ["chat"]})
    answer = json.loads(text)
    assert answer["approved"] is False and answer["error_code"] == "no_display"


def test_grants(okap):
    okap.authorize("demo")
    row, = okap.json("grants", "list")["rows"]
    assert row["state"] == "active"
    for verb, state in (("pause", "paused"), ("resume", "active"), ("revoke", "revoked")):
        assert okap.run("grants", verb, row["id"]).stdout == f"{row['id']} {state}\n"
        assert okap.json("grants", "show", row["id"])["state"] == state
    assert okap.run("grants", "resume", row["id"], check=False).returncode == 1
    assert okap.run("grants", "show", "g_none", check=False).returncode == 1
    assert "Test App" in okap.run("grants", "list").stdout
    assert "requests_per_minute" in okap.run("grants", "show", row["id"]).stdout


def test_usage(okap):
    granted = okap.authorize("demo", ["demo-fast"])
    base = granted["authorization_details"][0]["base_url"].removeprefix(okap.origin)
    response, text = okap.http(
        "POST", base + "/v1/chat/completions",
        {"model": "demo-fast", "messages": [{"role": "user", "content": "Hello"}]},
        {"Authorization": "Bearer " + granted["token"]})
    assert response.status == 200, text
    wait_until(lambda: okap.json("usage")["rows"])
    row, = okap.json("usage", "--since", "7d")["rows"]
    assert set(row) == {"key", "requests", "input_tokens", "output_tokens", "cost_usd"}
    assert row["key"] == "Test App" and row["requests"] == 1 and row["cost_usd"] > 0
    for by, key in (("provider", "demo"), ("model", "demo-fast")):
        assert okap.json("usage", "--by", by)["rows"][0]["key"] == key
    assert okap.json("usage", "--by", "day")["rows"][0]["key"].startswith("20")
    assert okap.json("usage", "--since", "2099-01-01")["rows"] == []
    assert "Test App" in okap.run("usage").stdout


# --- run ---

def test_run(okap):
    okap.env["no_proxy"] = "corp.example"
    okap.env["OPENAI_API_KEY"] = KEY
    script = ("import json, os; print(json.dumps(dict(os.environ))); "
              "print(json.dumps(sorted(os.listdir('/proc/self/fd'))))")
    done = okap.run("run", "--provider", "demo", "--name", "Runner", "--", sys.executable, "-c", script)
    env, fds = (json.loads(line) for line in done.stdout.splitlines())
    assert env["OPENAI_API_KEY"].startswith("okap_")
    assert env["OPENAI_BASE_URL"] == okap.origin + "/v1/demo/v1"
    assert env["OKAP_VAULT_URL"] == okap.origin and env["OKAP"] == "Runner"
    assert env["no_proxy"] == "corp.example,127.0.0.1,localhost,::1"
    assert env["NO_PROXY"] == "127.0.0.1,localhost,::1"
    assert len(fds) <= 4, fds  # the three of a program, and the one that listed them
    line, = done.stderr.splitlines()
    assert "OPENAI_API_KEY" in line and env["OPENAI_API_KEY"] not in line and KEY not in line
    wait_until(lambda: okap.json("grants", "list")["rows"][0]["state"] == "revoked")


def test_run_status(okap):
    assert okap.run("run", "--provider", "demo", "--", "sh", "-c", "exit 7",
                    check=False).returncode == 7
    assert okap.run("run", "--provider", "demo", "sh", "-c", "kill -TERM $$",
                    check=False).returncode == -signal.SIGTERM
    assert okap.run("run", "--provider", "demo", "--", "no-such-program",
                    check=False).returncode == 127
    assert okap.run("run", "--provider", "demo", "--", "/etc/passwd",
                    check=False).returncode == 126
    assert len(okap.json("grants", "list")["rows"]) == 2  # nobody was asked for the last two


def test_run_refused(make_okap):
    okap = make_okap(approve="never").init().serve()
    done = okap.run("run", "--provider", "demo", "--", "echo", "ran", check=False)
    assert done.returncode == 1 and "ran" not in done.stdout and "No access" in done.stderr


def test_run_killed(okap):
    """However the program ends, its access ends with it."""
    process = subprocess.Popen([okap_program(), "run", "--provider", "demo", "--", "sleep", "60"],
                               env=okap.env, stderr=subprocess.DEVNULL)
    rows = lambda: okap.json("grants", "list")["rows"]
    wait_until(rows)
    assert rows()[0]["state"] == "active"
    process.kill()
    process.wait()
    wait_until(lambda: rows()[0]["state"] == "revoked")


# --- doctor ---

def test_doctor(okap):
    # Sanitizers lock nothing, which the doctor is right to call bad.
    rows = {row["check"]: row for row in okap.json("doctor", check=False)["rows"]}
    assert rows["vault"]["level"] == "ok" and rows["okap"]["level"] == "ok"
    assert rows["memory"]["level"] in ("ok", "bad")
    vault = okap.folder / "data" / "okap" / "vault.okap"
    vault.chmod(0o644)
    done = okap.run("doctor", check=False)
    assert done.returncode == 1 and "bad   vault" in done.stdout


def test_doctor_measures_locking(make_okap):
    done = subprocess.run(["sh", "-c", f"ulimit -l 64; exec '{okap_program()}' doctor"],
                          env=make_okap().env, capture_output=True, text=True)
    assert "limit 64 KiB" in done.stdout or os.geteuid() == 0


# --- the journey of build-aux/run ---

def run_script():
    return str(Path(__file__).parents[2] / "build-aux" / "run")


def test_journey_without_terminal(make_okap):
    okap = make_okap()
    okap.env["OKAP_BUILD_DIR"] = os.environ["OKAP_BUILD_DIR"]
    done = subprocess.run([run_script()], env=okap.env, stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "THIS RUN TAKES CONSENT AS GIVEN" in done.stdout
    assert "token_revoked" in done.stdout and "every step did what it should" in done.stdout


@pytest.mark.parametrize("word,status", [("a", 0), ("n", 1)])
def test_journey_on_a_terminal(make_okap, word, status):
    okap = make_okap()
    okap.env["OKAP_BUILD_DIR"] = os.environ["OKAP_BUILD_DIR"]
    journey = Terminal(okap, program=run_script())
    shown = journey.until("e = edit: ", 300)
    assert "Okap demo" in shown and "AS GIVEN" not in shown
    journey.type(word)
    assert journey.end() == status, journey.shown
    assert ("every step did what it should" in journey.shown) == (status == 0)
    assert ("got no access" in journey.shown) == (status == 1)


# --- the terminal prompter ---

def test_terminal_allow(terminal):
    asked = start_request(terminal.okap, "--provider", "demo", "--name", "Notes\x1b[2J", "--reason",
                          "Why not", "--monthly", "7")
    shown = terminal.until("e = edit: ")
    for fact in ("src/cli/okap", str(asked.pid), "“Notes[2J”", "“Why not”", "Demo", "ALL MODELS",
                 "$7.00 a month", "(Okap’s default)"):
        assert fact in shown, shown
    assert "\x1b" not in shown
    terminal.type("")
    terminal.until("a, n or e: ")
    terminal.type("yes please")
    terminal.until("a, n or e: ")
    terminal.type("a")
    status, answer = outcome(asked)
    assert status == 0 and answer["status"] == "granted"


def test_terminal_refuse(terminal):
    asked = start_request(terminal.okap, "--provider", "demo")
    terminal.until("e = edit: ")
    terminal.type("n")
    status, answer = outcome(asked)
    assert status == 1 and answer["status"] == "denied"


def test_terminal_edit(terminal):
    asked = start_request(terminal.okap, "--provider", "demo", "--monthly", "7", "--expires", "30d")
    terminal.until("e = edit: ")
    terminal.type("e")
    terminal.until("a month] ")
    terminal.type("8")
    assert "more than what was asked for" in terminal.until("a month] ")
    terminal.type("2.50")
    terminal.until("a day] ")
    terminal.type("")
    terminal.until("a minute] ")
    terminal.type("3")
    terminal.until("a day] ")
    terminal.type("")
    terminal.until("Until [")
    terminal.type("99d")
    assert "later than what was asked for" in terminal.until("Until [")
    terminal.type("2d")
    assert "$2.50 a month" in terminal.until("e = edit: ")
    terminal.type("a")
    status, answer = outcome(asked)
    limits = answer["authorization_details"][0]["limits"]
    assert status == 0 and limits["monthly_spend"] == 2.5 and limits["requests_per_minute"] == 3


def test_terminal_queue_and_hang_up(terminal):
    """Typing ahead answers nothing; a caller that is gone takes its question with it."""
    first = start_request(terminal.okap, "--provider", "demo", "--name", "First")
    terminal.until("e = edit: ")
    second = start_request(terminal.okap, "--provider", "demo", "--name", "Second")
    wait_until(lambda: terminal.okap.json("status")["waiting"] == 2)
    os.write(terminal.fd, b"a")  # not yet a line
    first.kill()
    first.wait()
    terminal.until("This question is over")
    assert "“Second”" in terminal.until("e = edit: ")
    terminal.type("n")
    assert outcome(second)[0] == 1
    assert terminal.okap.json("grants", "list")["rows"] == []


def test_terminal_unlock(terminal):
    terminal.okap.run("lock")
    asked = start_request(terminal.okap, "--provider", "demo", "--name", "Notes")
    terminal.until("is no): ")
    assert not terminal.echoes()
    terminal.type("wrong")
    terminal.until("is no): ")
    terminal.type(PASSPHRASE)
    terminal.until("e = edit: ")
    assert terminal.echoes()
    terminal.type("a")
    assert outcome(asked)[0] == 0
    assert PASSPHRASE not in terminal.shown and "wrong" not in terminal.shown.replace("wrong p", "")


def test_terminal_stays_locked(terminal):
    terminal.okap.run("lock")
    asked = start_request(terminal.okap, "--provider", "demo")
    terminal.until("is no): ")
    terminal.type("")
    assert outcome(asked)[0] == 1
    asked = start_request(terminal.okap, "--provider", "demo")
    terminal.until("is no): ")
    terminal.okap.run("unlock", input=PASSPHRASE)  # from somewhere else
    terminal.until("e = edit: ")
    terminal.type("n")
    assert outcome(asked)[0] == 1


def test_terminal_no_key(terminal):
    asked = start_request(terminal.okap, "--provider", "openai")
    assert "YOU HAVE NO KEY" in terminal.until("e = edit: ")
    terminal.type("a")
    terminal.until("okap keys add openai")
    terminal.until("a or n: ")
    terminal.okap.run("keys", "add", "openai", input=KEY)
    terminal.type("a")
    assert outcome(asked)[0] == 0


# --- the doors ---

def test_later_answer(okap):
    body = {"okap": "1.0", "request": {"provider": "demo", "models": [], "capabilities": ["chat"]}}
    response, text = okap.http("POST", "/okap/authorize", body, {"Prefer": "respond-async"})
    pending = json.loads(text)
    assert response.status == 202 and pending["status"] == "pending"
    answers = []

    def fetch():
        response, text = okap.http("GET", pending["poll"])
        answers.append(json.loads(text))
        return response.status == 200

    wait_until(fetch)
    assert answers[-1]["status"] == "granted"
    response, _ = okap.http("GET", pending["poll"])
    assert response.status == 404


def test_wait_ends(make_okap):
    okap = make_okap().init()
    served = Terminal(okap, "serve", "--listen", "127.0.0.1:0")
    okap.port = int(served.until(" unix:").split()[2].rsplit(":", 1)[1])
    okap.run("unlock", input=PASSPHRASE)
    body = {"okap": "1.0", "request": {"provider": "demo", "models": [], "capabilities": ["chat"]}}
    response, text = okap.http("POST", "/okap/authorize", body, {"Prefer": "wait=1"})
    assert response.status == 200 and json.loads(text)["status"] == "denied"
    served.until("This question is over")
    served.end(signal.SIGTERM)


def test_own_grant(okap):
    granted = okap.authorize("demo", ["demo-fast"], limits={"requests_per_day": 5})
    for headers in ({"Authorization": "Bearer " + granted["token"]}, {"x-api-key": granted["token"]},
                    {"x-goog-api-key": granted["token"]}, {"api-key": granted["token"]}):
        response, text = okap.http("GET", "/okap/grant", headers=headers)
        assert response.status == 200
    response, text = okap.http("GET", "/okap/grant?key=" + granted["token"])
    answer = json.loads(text)
    left, = [row for row in answer["remaining"] if row["limit"] == "requests_per_day"]
    assert left["granted"] == 5 and left["used"] == 0 and left["remaining"] == 5 and left["resets"]
    response, _ = okap.http("POST", "/okap/revoke",
                            headers={"Authorization": "Bearer " + granted["token"]})
    assert response.status == 200
    response, text = okap.http("GET", "/okap/grant",
                               headers={"Authorization": "Bearer " + granted["token"]})
    assert response.status == 401 and json.loads(text)["error"]["type"] == "token_revoked"
    response, text = okap.http("GET", "/okap/grant")
    assert response.status == 401 and json.loads(text)["error"]["type"] == "invalid_token"


@pytest.mark.parametrize("path", ["status", "keys", "grants", "usage", "keys/add", "unlock", "lock",
                                  "run", "grants/revoke", "approve"])
def test_control_is_not_on_tcp(okap, path):
    for method in ("GET", "POST"):
        response, text = okap.http(method, "/okap/control/" + path, "{}" if method == "POST" else None,
                                   {"Content-Type": "application/json"})
        assert response.status == 404, text


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"},
                                     {"Content-Type": "application/x-www-form-urlencoded"},
                                     {"Content-Type": "application/jsonx"}])
def test_content_type(okap, headers):
    response, text = okap.http("POST", "/okap/authorize", "{}", headers)
    assert response.status == 400 and "Content-Type: application/json" in text.decode()


@pytest.mark.parametrize("headers", [{"Origin": "https://example.com"}, {"Origin": "null"},
                                     {"Sec-Fetch-Site": "cross-site"}])
def test_web_pages(okap, headers):
    for path in ("/okap/authorize", "/okap/grant", "/.well-known/okap"):
        response, text = okap.http("POST" if path.endswith("ize") else "GET", path, None, headers)
        assert response.status == 403
        assert json.loads(text)["error"]["type"] == "origin_not_allowed"


def test_discovery(okap):
    response, text = okap.http("GET", "/.well-known/okap")
    answer = json.loads(text)
    assert response.status == 200 and answer["url"] == okap.origin
    assert answer["endpoints"]["authorize"] == "/okap/authorize"
    okap.run("keys", "add", "openai", "--label", "Private label", input=KEY)
    assert okap.http("GET", "/.well-known/okap")[1] == text
    response, text = okap.http("HEAD", "/.well-known/okap")
    assert response.status == 200 and text == b""
    response, _ = okap.http("DELETE", "/okap/authorize")
    assert response.status == 405 and response.headers["Allow"] == "POST"
