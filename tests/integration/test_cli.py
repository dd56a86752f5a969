# SPDX-License-Identifier: GPL-3.0-or-later
"""The okap command as people and scripts use it: output and exit status."""
import json
import os
import signal
import subprocess
import sys

import pytest

from conftest import PASSPHRASE, okap_program, wait_until
from terminal import Terminal

COMMANDS = ["open", "init", "serve", "status", "unlock", "lock", "doctor", "keys add", "keys list",
            "keys remove", "keys test", "request", "grants list", "grants show", "grants pause",
            "grants resume", "grants revoke", "threshold", "usage", "usage list", "usage keep",
            "usage correct",
            "prices list", "prices show", "prices set", "prices unset", "prices update",
            "prices check", "prices confirm", "run"]
KEY = "sk-canary-0123456789abcdefghijklmnopqrstuvwxyz"


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
    ["serve", "--listen", "127.0.0.1"], ["serve", "--approve", "maybe"], ["serve", "--portable"],
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
    recovery = okap.run("init", passphrase=True).stdout
    assert len(recovery.strip().splitlines()) == 1
    again = okap.run("init", passphrase=True, check=False)
    assert again.returncode == 1 and again.stdout == ""
    okap.serve(unlock=False)
    assert okap.json("status")["vault"] == "locked"
    for opening in ({"input": recovery}, {"passphrase": True}):
        okap.run("unlock", **opening)
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
    done = okap.run("keys", "add", provider, *extra, input=key + "\n", check=False,
                    passphrase=bool(extra))
    assert done.returncode in (1, 2)
    assert key == "" or key not in done.stderr
    assert okap.json("keys", "list") == {"rows": []}


def test_key_tested(okap, mock):
    assert okap.run("keys", "test", okap.add_key(mock, "openai")).stdout.strip()
    wrong = okap.run("keys", "add", "openai", "--base-url", mock.base_url("openai"),
                     input="sk-not-the-key\n", passphrase=True).stdout.strip()
    done = okap.run("keys", "test", wrong, check=False)
    assert done.returncode == 1 and done.stderr


@pytest.mark.parametrize("provider", ["openai", "my-server"])
def test_key_with_foreign_address(okap, provider):
    """Apps would send there what they ask: not for any program that finds the vault open."""
    args = ("keys", "add", provider, "--base-url", "https://collector.example/v1")
    done = okap.run(*args, input=KEY + "\n", check=False)
    assert done.returncode == 1 and "terminal" in done.stderr
    query = f"provider={provider}&base_url=https%3A%2F%2Fcollector.example%2Fv1"
    for extra, body in (("", KEY), ("&passphrase=5", "wrong\n" + KEY), ("&passphrase=5", "wrong"),
                        ("&passphrase=0", KEY), ("&passphrase=9999", KEY), ("&passphrase=x", KEY),
                        (f"&passphrase={len(KEY)}", KEY)):
        response, text = okap.http("POST", f"/okap/control/keys/add?{query}{extra}", body,
                                   {"Content-Type": "application/octet-stream"}, via_socket=True)
        assert response.status in (400, 403), text
        assert KEY.encode() not in text
    assert okap.json("keys", "list") == {"rows": []}
    assert okap.run(*args, input=KEY + "\n", passphrase=True).stdout.startswith("k_")
    row = okap.json("keys", "list")["rows"][0]
    assert row["base_url"] == "https://collector.example/v1" and row["tail"] == KEY[-4:]


def test_key_with_its_own_address(okap):
    """Where the provider is by itself takes no passphrase, said or not."""
    for extra in ((), ("--base-url", "https://api.openai.com/v1/")):
        assert okap.run("keys", "add", "openai", *extra, input=KEY + "\n").stdout.startswith("k_")


@pytest.mark.parametrize("provider,line,fact", [
    ("deepseek", "Balance: USD 4.20", ("balance", 4.2, "USD", None)),
    ("openrouter", "Left of the key's own limit: USD 9.50", ("left", 9.5, "USD", None)),
    ("groq", "14370 requests left this day", ("requests", 14370, None, "day"))])
def test_key_tells_standing(shared_okap, mock, provider, line, fact):
    """What the provider says of the account, by the command and in the list."""
    okap = shared_okap
    key = okap.add_key(mock, provider)
    words = okap.run("keys", "test", key).stdout.splitlines()
    assert words[0].endswith("accepts this key.") and words[1:] == [line]
    row = next(row for row in okap.json("keys", "list")["rows"] if row["id"] == key)
    told = row["standing"][0]
    assert tuple(told[name] for name in ("kind", "amount", "currency", "window")) == fact
    okap.run("keys", "remove", key)


# --- request, grants, usage ---

def test_threshold(okap):
    assert okap.json("threshold") == {"daily": 10, "monthly": 50, "total": 100}
    assert okap.json("threshold", "--monthly", "20") == {"daily": 10, "monthly": 20, "total": 100}
    done = okap.run("threshold", "--monthly", "30", input="wrong horse battery\n", check=False)
    assert done.returncode != 0 and "not the one of this vault" in done.stderr
    assert okap.json("threshold")["monthly"] == 20
    assert "$30.00 a month" in okap.run("threshold", "--monthly", "30", passphrase=True).stdout
    okap.stop()
    okap.serve()
    wait_until(lambda: okap.json("threshold") == {"daily": 10, "monthly": 30, "total": 100})
    for wrong in (["--daily", "lots"], ["x"]):
        assert okap.run("threshold", *wrong, check=False).returncode != 0


def test_request(okap, tmp_path):
    options = ["--model", "demo-fast", "--monthly", "3", "--daily", "1.5", "--rpm", "5", "--rpd",
               "50", "--expires", "12h", "--name", "Bücher", "--reason", "Try"]
    answer = json.loads(okap.run("request", "--provider", "demo", *options).stdout)
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
        done = okap.run("grants", verb, row["id"], passphrase=verb == "resume")
        assert done.stdout == f"{row['id']} {state}\n"
        assert okap.json("grants", "show", row["id"])["state"] == state
    assert okap.run("grants", "resume", row["id"], passphrase=True, check=False).returncode == 1
    assert okap.run("grants", "show", "g_none", check=False).returncode == 1
    assert "Test App" in okap.run("grants", "list").stdout
    shown = okap.run("grants", "show", row["id"]).stdout
    assert "requests_per_minute" in shown
    assert "bound to     Any program that has the token\n" in shown
    assert row["binding"] == "portable" and row["attempts"] == []


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
    assert set(row) == {"key", "requests", "input_tokens", "cached_tokens", "output_tokens",
                        "cost_usd", "over_usd", "failed_requests", "estimated_requests",
                        "requests_without_price"}
    assert row["key"] == "Test App" and row["requests"] == 1 and row["cost_usd"] > 0
    for by, key in (("provider", "demo"), ("model", "demo-fast")):
        assert okap.json("usage", "--by", by)["rows"][0]["key"] == key
    assert okap.json("usage", "--by", "day")["rows"][0]["key"].startswith("20")
    assert okap.json("usage", "--since", "2099-01-01")["rows"] == []
    assert "Test App" in okap.run("usage").stdout
    assert okap.json("usage", "--by", "scope")["rows"][0]["key"].endswith("/demo")


def test_usage_list(okap):
    granted = okap.authorize("demo", ["demo-fast"])
    base = granted["authorization_details"][0]["base_url"].removeprefix(okap.origin)
    for model, status in (("demo-fast", 200), ("demo-fast", 200), ("other", 403)):
        response, text = okap.http(
            "POST", base + "/v1/chat/completions",
            {"model": model, "messages": [{"role": "user", "content": "Hello"}]},
            {"Authorization": "Bearer " + granted["token"]})
        assert response.status == status, text
    wait_until(lambda: len(okap.json("usage", "list", "--most", "2")["rows"]) == 2)
    newest, older = okap.json("usage", "list", "--model", "demo-fast")["rows"]
    assert newest["id"] > older["id"] and newest["app"] == "Test App"
    assert newest["units"]["output"] > 0 and newest["cost_usd"] > 0 and newest["status"] == 200
    assert newest["started"].startswith("20") and newest["error"] is None
    page = okap.json("usage", "list", "--before", str(newest["id"]), "--provider", "demo")["rows"]
    assert [row["id"] for row in page] == [older["id"]]
    assert okap.json("usage", "list", "--grant", "g_none")["rows"] == []
    assert all(row["status"] >= 400 for row in okap.json("usage", "list", "--failed")["rows"])
    assert "Test App" in okap.run("usage", "list").stdout
    assert okap.run("usage", "list", "--most", "0", check=False).returncode == 1


def test_usage_correct(okap):
    granted = okap.authorize("demo", ["demo-fast"], limits={"total_spend": 3})
    grant = okap.json("grants", "list")["rows"][0]["id"]

    def remaining():
        response, text = okap.http("GET", "/okap/grant", None,
                                   {"Authorization": "Bearer " + granted["token"]})
        assert response.status == 200, text
        return [row["remaining"] for row in json.loads(text)["remaining"]
                if row["limit"] == "total_spend"]

    def correct(amount, reason="a test", **kwargs):
        kwargs.setdefault("passphrase", True)
        return okap.run("usage", "correct", grant, "demo", amount, "--reason", reason, **kwargs)

    assert remaining() == [3]
    correct("2")
    assert remaining() == [1]
    correct("7")
    assert remaining() == [0]
    for args in ((grant, "openai", "-5"), ("g_none", "demo", "-5")):
        assert okap.run("usage", "correct", *args, "--reason", "x", passphrase=True,
                        check=False).returncode == 1
    done = correct("-5", passphrase=False, input="a wrong passphrase\n", check=False)
    assert done.returncode == 1 and "passphrase" in done.stderr
    assert correct("-5", reason="", check=False).returncode == 2
    assert correct("0", check=False).returncode == 2
    assert correct("lots", check=False).returncode == 2
    assert remaining() == [0]
    correct("-6.5", reason="the price was wrong")
    assert remaining() == [0.5]
    rows = [row for row in okap.json("usage", "list")["rows"] if row["cost_status"] == "correction"]
    assert [row["cost_usd"] for row in rows] == [-6.5, 7, 2]
    assert rows[0]["edits"] == "the price was wrong" and rows[0]["endpoint"] == "correction"
    row, = okap.json("usage", "--by", "scope")["rows"]
    assert row["cost_usd"] == 2.5 and row["requests"] == 0
    assert okap.json("usage", "--by", "model")["rows"][0]["key"] == "(correction)"
    okap.stop()
    okap.serve()
    assert remaining() == [0.5]  # corrections are part of what the gate starts from


def test_usage_keep(okap):
    assert okap.json("usage", "keep")["keep_days"] == 400
    kept = okap.json("usage", "keep", "--days", "90")
    assert (kept["keep_days"], kept["keep_bytes"]) == (90, 1024 ** 3)
    kept = okap.json("usage", "keep", "--size", "500MB")
    assert (kept["keep_days"], kept["keep_bytes"]) == (90, 500 * 1000 ** 2)
    assert kept["database_bytes"] > 0 and kept["oldest"] is None
    kept = okap.json("usage", "keep", "--days", "any", "--size", "any")
    assert (kept["keep_days"], kept["keep_bytes"]) == (0, 0)
    assert "for ever" in okap.run("usage", "keep").stdout
    for args in (("--days", "0"), ("--days", "x"), ("--size", "1"), ("--size", "0GB")):
        assert okap.run("usage", "keep", *args, check=False).returncode == 2
    for args in (("--days", "40000"), ("--size", "1MB")):  # the Okap that runs knows the bounds
        assert okap.run("usage", "keep", *args, check=False).returncode == 1


# --- run ---

def test_run(okap):
    okap.env["no_proxy"] = "corp.example"
    okap.env["OPENAI_API_KEY"] = KEY
    script = ("import json, os; print(json.dumps(dict(os.environ))); "
              "print(json.dumps(sorted(os.listdir('/proc/self/fd'))))")
    done = okap.run("run", "--provider", "demo", "--name", "Runner", "--", sys.executable, "-c",
                    script)
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


def test_doctor_endpoints(make_okap):
    """From the table that the proxy uses: everything has a meter, is free, or is said to be
    refused."""
    okap = make_okap()
    rows = okap.json("doctor", "--endpoints")["rows"]
    providers = {row["provider"] for row in rows}
    assert len(providers) == 26 and {"openai", "replicate", "vercel", "demo"} <= providers
    by_place = {(r["provider"], r["method"], r["path"]): r for r in rows}
    chat = by_place["openai", "POST", "/chat/completions"]
    assert (chat["meter"], chat["money_cap"], chat["model"]) == ("openai-chat", "leased", "body")
    assert chat["asks_stream_usage"] and chat["max_output"] == "max_completion_tokens"
    assert by_place["openai", "POST", "/batches"]["money_cap"] == "job"
    assert by_place["openai", "POST", "/containers"]["money_cap"] == "refused"
    assert by_place["perplexity", "POST", "/chat/completions"]["retired"]
    for row in rows:
        assert (row["money_cap"] == "free") == (row["meter"] == "free"), row
        assert (row["money_cap"] == "refused") == (row["meter"] == "none"), row
    one = okap.run("doctor", "--endpoints", "replicate").stdout
    assert "/models/{model:2}/predictions" in one and "settled when the job ends" in one
    assert "OpenAI" not in one
    own = okap.run("doctor", "--endpoints", "openai-compatible").stdout
    assert "/chat/completions" in own
    assert okap.run("doctor", "--endpoints", "nobody", check=False).returncode == 1
    assert okap.run("doctor", "--endpoints", "a", "b", check=False).returncode == 2
    assert okap.run("doctor", "openai", check=False).returncode == 2


def test_doctor_measures_locking(make_okap):
    done = subprocess.run(["sh", "-c", f"ulimit -l 64; exec '{okap_program()}' doctor"],
                          env=make_okap().env, capture_output=True, text=True)
    assert "limit 64 KiB" in done.stdout or os.geteuid() == 0
