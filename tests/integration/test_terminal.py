# SPDX-License-Identifier: GPL-3.0-or-later
"""Consent on the terminal of okap serve, and the journey of build-aux/run."""
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import PASSPHRASE, okap_program, wait_until
from terminal import Terminal

KEY = "sk-canary-0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def terminal(make_okap):
    """okap serve --approve=ask on a terminal, unlocked by --passphrase-fd."""
    okap = make_okap().init()
    read, write = os.pipe()
    os.write(write, PASSPHRASE.encode())
    os.close(write)
    os.set_inheritable(read, True)
    served = Terminal(okap, "serve", "--listen", "127.0.0.1:0", "--passphrase-fd", str(read))
    os.close(read)
    served.until("okap: ready http://")
    served.okap = okap
    yield served
    assert served.end(signal.SIGTERM) == 0, served.shown


def start_request(okap, *args):
    return subprocess.Popen([okap_program(), "request", *args], env=okap.env, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


SCRIPT = """
import json, sys, urllib.request
request = urllib.request.Request(sys.argv[1] + "/okap/authorize", method="POST",
                                 headers={"Content-Type": "application/json"}, data=json.dumps({
    "okap": "1.0", "client": {"name": sys.argv[2]}, "authorization_details": [
        {"type": "ai_model_access", "provider": "demo", "models": ["demo-fast"],
         "capabilities": ["chat"]}]}).encode())
answer = json.load(urllib.request.urlopen(request, timeout=60))
print(json.dumps(answer))
sys.exit(0 if answer["status"] == "granted" else 1)
"""


def start_other(okap, name):
    """Another program than okap request: of one program, one question is open at a time."""
    origin = okap.json("status")["url"]
    return subprocess.Popen([sys.executable, "-c", SCRIPT, origin, name], env=okap.env, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def outcome(process):
    text, _ = process.communicate(timeout=30)
    return process.returncode, json.loads(text)


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

def test_terminal_asks_for_a_price(terminal):
    """Only for a model whose price nobody knows."""
    okap = terminal.okap
    okap.run("keys", "add", "own", "--label", "Test", "--base-url", "http://127.0.0.1:9/v1",
             input=KEY + "\n", passphrase=True)
    asked = start_request(okap, "--provider", "own", "--model", "own-model", "--name", "Notes")
    terminal.until("e = edit: ")
    terminal.type("a")
    shown = terminal.until("an empty line lets them be refused: ")
    assert "Nobody knows what “own-model” at own costs" in shown
    terminal.type("cheap")
    terminal.until("Expected two amounts in dollars")
    terminal.type("$0.25 2.50")
    terminal.until("Allowed.")
    assert outcome(asked)[0] == 0
    grants = okap.json("grants", "list")["rows"]
    money = okap.json("grants", "show", grants[0]["id"])["money"][0]
    assert (money["ceiling_input"], money["ceiling_output"]) == (0.25, 2.5)

    asked = start_request(okap, "--provider", "own", "--model", "own-model", "--name", "Notes")
    terminal.until("e = edit: ")
    terminal.type("a")
    terminal.until("an empty line lets them be refused: ")
    terminal.type("")
    terminal.until("Allowed.")
    assert outcome(asked)[0] == 0
    grants = okap.json("grants", "list")["rows"]
    assert "ceiling_input" not in okap.json("grants", "show", grants[0]["id"])["money"][0]


def test_terminal_allow(terminal):
    asked = start_request(terminal.okap, "--provider", "demo", "--name", "Notes\x1b[2J", "--reason",
                          "Why not", "--monthly", "7")
    shown = terminal.until("e = edit: ")
    for fact in ("src/cli/okap", str(asked.pid), "“Notes[2J”", "“Why not”", "Demo",
                 "ALL MODELS", "$7.00 a month", "(Okap’s default)"):
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


def test_terminal_pause(terminal):
    """Refused three times: no question for an hour, said at once and shown in the status."""
    for _ in range(3):
        asked = start_request(terminal.okap, "--provider", "demo")
        terminal.until("e = edit: ")
        terminal.type("n")
        assert outcome(asked)[0] == 1
    paused = terminal.okap.json("status")["not_asked"]
    assert [row["why"] for row in paused] == ["It was refused three times."]
    assert "src/cli/okap" in paused[0]["program"] and paused[0]["until"]
    assert "not asked for, until 20" in terminal.okap.run("status").stdout
    asked = start_request(terminal.okap, "--provider", "demo")
    assert asked.wait(20) != 0
    terminal.okap.run("lock")
    terminal.okap.run("unlock", input=PASSPHRASE)
    assert len(terminal.okap.json("status")["not_asked"]) == 1


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
    terminal.until("May any program use the token, and not only the one that asks? [y] ")
    terminal.type("maybe")
    assert "y or n" in terminal.until("[y] ")
    terminal.type("n")
    assert "$2.50 a month" in terminal.until("e = edit: ")
    terminal.type("a")
    status, answer = outcome(asked)
    limits = answer["authorization_details"][0]["limits"]
    assert status == 0 and limits["monthly_spend"] == 2.5 and limits["requests_per_minute"] == 3


def test_terminal_queue_and_hang_up(terminal):
    """Typing ahead answers nothing; a caller that is gone takes its question with it."""
    first = start_request(terminal.okap, "--provider", "demo", "--name", "First")
    terminal.until("e = edit: ")
    second = start_other(terminal.okap, "Second")
    wait_until(lambda: terminal.okap.json("status")["waiting"] == 2)
    os.write(terminal.fd, b"a")  # not yet a line
    first.kill()
    first.wait()
    terminal.until("This question is over")
    assert "“Second”" in terminal.until("e = edit: ")
    terminal.type("n")
    assert outcome(second)[0] == 1
    assert terminal.okap.json("grants", "list")["rows"] == []


def test_terminal_swapped(terminal):
    """An answer that was meant for a question that just went away does not allow the next one."""
    first = start_request(terminal.okap, "--provider", "demo", "--name", "First")
    terminal.until("e = edit: ")
    second = start_other(terminal.okap, "Second")
    wait_until(lambda: terminal.okap.json("status")["waiting"] == 2)
    first.kill()
    first.wait()
    terminal.until("This question is over")
    terminal.until("e = edit: ")
    terminal.type("a")
    terminal.until("This is another question than before")
    assert terminal.okap.json("grants", "list")["rows"] == []
    time.sleep(0.8)
    terminal.type("a")
    assert outcome(second)[0] == 0


def test_terminal_unlock(terminal):
    terminal.okap.run("lock")
    asked = start_request(terminal.okap, "--provider", "demo", "--name", "Notes")
    terminal.until("is no): ")
    assert not terminal.echoes()
    terminal.type("wrong")
    terminal.until("is no): ")
    terminal.type(PASSPHRASE)
    assert ELSEWHERE not in terminal.until("e = edit: ")
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


ELSEWHERE = "unlocked elsewhere: allowing takes the passphrase once"


def grants_of(okap):
    return okap.json("grants", "list")["rows"]


def allow_plainly(terminal, name):
    """No passphrase is asked for, and the question does not speak of it."""
    asked = start_request(terminal.okap, "--provider", "demo", "--name", name)
    assert ELSEWHERE not in terminal.until("e = edit: ")
    terminal.type("a")
    assert "Passphrase" not in terminal.until("Allowed.")
    assert outcome(asked)[0] == 0


def test_terminal_unlocked_elsewhere(terminal):
    """A program may sit at this terminal: it has to know the passphrase once, until the lock."""
    okap = terminal.okap
    allow_plainly(terminal, "By descriptor")
    okap.run("lock")
    okap.run("unlock", input=PASSPHRASE)
    asked = start_request(okap, "--provider", "demo", "--name", "First")
    assert ELSEWHERE in terminal.until("e = edit: ")
    terminal.type("a")
    terminal.until("Passphrase (an empty line goes back): ")
    assert not terminal.echoes()
    terminal.type("wrong")
    terminal.until("Passphrase (an empty line goes back): ")
    terminal.type("")
    assert ELSEWHERE in terminal.until("e = edit: ")
    terminal.type("a")
    terminal.until("Passphrase (an empty line goes back): ")
    assert asked.poll() is None and len(grants_of(okap)) == 1
    terminal.type(PASSPHRASE)
    terminal.until("Allowed.")
    assert outcome(asked)[0] == 0 and len(grants_of(okap)) == 2
    allow_plainly(terminal, "Second")

    okap.run("lock")
    okap.run("unlock", input=PASSPHRASE)
    asked = start_other(okap, "Third")  # three questions of one program are the most for now
    assert ELSEWHERE in terminal.until("e = edit: ")
    terminal.type("n")
    assert outcome(asked)[0] == 1 and len(grants_of(okap)) == 3


def test_terminal_no_key(terminal):
    asked = start_request(terminal.okap, "--provider", "openai")
    assert "YOU HAVE NO KEY" in terminal.until("e = edit: ")
    terminal.type("a")
    terminal.until("okap keys add openai")
    terminal.until("a or n: ")
    terminal.okap.run("keys", "add", "openai", input=KEY)
    terminal.type("a")
    assert outcome(asked)[0] == 0
