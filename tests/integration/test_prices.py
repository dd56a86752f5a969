# SPDX-License-Identifier: GPL-3.0-or-later
"""Prices that the user sets and tables that the user installs, with an Okap that runs meanwhile."""
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from conftest import wait_until

TABLE = Path(__file__).parents[2] / "data" / "prices" / "prices.json"


def chat(okap, token, model="demo-fast"):
    response, text = okap.http("POST", "/v1/demo/v1/chat/completions",
                               {"model": model, "messages": [{"role": "user", "content": "Hi"}]},
                               {"Authorization": f"Bearer {token}"})
    assert response.status == 200, text
    return json.loads(text)["usage"]


def spent(okap):
    rows = okap.json("usage")["rows"]
    return rows[0]["requests"] if rows else 0, rows[0]["cost_usd"] if rows else 0


def cost_of_next(okap, token):
    """What one more request cost, and its output tokens."""
    requests, before = spent(okap)
    usage = chat(okap, token)
    wait_until(lambda: spent(okap)[0] == requests + 1)
    return round(spent(okap)[1] - before, 9), usage


def price_is(okap, token, inp, out):
    cost, usage = cost_of_next(okap, token)
    return abs(cost - usage["prompt_tokens"] * inp - usage["completion_tokens"] * out) < 1.5e-9


def own_file(okap):
    return okap.folder / "config" / "okap" / "prices.json"


def make_free(okap):
    """What a program of the same user may write."""
    own_file(okap).parent.mkdir(mode=0o700, exist_ok=True)
    own_file(okap).write_text(json.dumps(
        {"prices": [{"provider": "demo", "model": "demo-fast", "free": True}]}))


BUILT_IN = (0.1e-6, 0.4e-6)
DEAR = ("prices", "set", "demo", "demo-fast", "--input", "10", "--output", "20")
UNCONFIRMED = "The prices were changed but not confirmed"


def audit(okap, warnings=False):
    """What the trail says of prices; Okap keeps the database for itself while it runs. A change is
    warned of if Okap sees it before its confirmation comes, so warnings are left out."""
    path = okap.folder / "data" / "okap" / "okap.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT detail FROM audit WHERE event = 'prices.changed' ORDER BY id")
        return [detail for detail, in rows if warnings or not detail.startswith(UNCONFIRMED)]


# --- what counts while Okap runs ---

def test_running_okap_sees_changes(okap):
    token = okap.authorize(models=["demo-fast"])["token"]
    assert price_is(okap, token, *BUILT_IN)
    assert okap.json(*DEAR, passphrase=True)["confirmed"] is True
    assert price_is(okap, token, 10e-6, 20e-6)
    own_file(okap).write_text('{ "prices": [\nnonsense')
    wait_until(lambda: "Line 2: " in okap.log())
    assert price_is(okap, token, 10e-6, 20e-6)
    own_file(okap).unlink()
    wait_until(lambda: price_is(okap, token, *BUILT_IN))
    okap.stop()
    assert audit(okap) == [
        "Prices of your own, which win over the table: 1 (demo demo-fast)",
        "There are no prices of your own any more"]


def test_changes_while_okap_rests(make_okap):
    okap = make_okap().init()
    done = okap.run("prices", "set", "openai", "gpt-4o", "--free", "--json")
    assert json.loads(done.stdout)["confirmed"] is False and "once it is confirmed" in done.stderr
    for _ in range(2):
        okap.serve()
        okap.stop()
    assert [line[:len(UNCONFIRMED)] for line in audit(okap, warnings=True)] == [UNCONFIRMED] * 2
    okap.serve()
    okap.run("prices", "confirm", passphrase=True)
    for _ in range(2):
        okap.stop()
        okap.serve()
    okap.stop()
    assert audit(okap) == ["Prices of your own, which win over the table: 1 (openai gpt-4o)"]


# --- what nobody confirmed ---

def test_tampered_prices_do_not_count(okap):
    token = okap.authorize(models=["demo-fast"])["token"]
    make_free(okap)
    wait_until(lambda: UNCONFIRMED in okap.log())
    assert price_is(okap, token, *BUILT_IN)
    assert "changed but not confirmed" in okap.run("doctor", check=False).stdout
    listed = okap.run("prices", "list", "--mine", "--json")
    assert json.loads(listed.stdout)["confirmed"] is False
    assert "okap prices confirm" in listed.stderr

    # Whoever changes one price does not confirm another by the way.
    done = okap.run("prices", "set", "openai", "gpt-4o", "--input", "3", "--json", passphrase=True)
    assert json.loads(done.stdout)["confirmed"] is False and "Other prices" in done.stderr
    assert price_is(okap, token, *BUILT_IN)

    assert okap.json("prices", "confirm", passphrase=True)["prices"] == 2
    assert price_is(okap, token, 0, 0)
    assert okap.json("prices", "list", "--mine")["confirmed"] is True
    assert "2 prices of your own" in okap.run("doctor", check=False).stdout


def test_changed_after_confirmation(okap):
    token = okap.authorize(models=["demo-fast"])["token"]
    okap.run(*DEAR, passphrase=True)
    assert price_is(okap, token, 10e-6, 20e-6)
    confirmed = own_file(okap).read_text()
    make_free(okap)
    wait_until(lambda: price_is(okap, token, *BUILT_IN))
    for name in ("prices-set.json.kept", "prices.tag"):  # nor by way of Okap's own files
        path = okap.folder / "data" / "okap" / name
        kept = path.read_bytes()
        path.write_bytes(own_file(okap).read_bytes() if "kept" in name else b"0" * len(kept))
        own_file(okap).write_text("nonsense" if "kept" in name else confirmed)
        assert okap.json("prices", "list")["confirmed"] is False
        assert price_is(okap, token, *BUILT_IN)
        path.write_bytes(kept)
    assert okap.json("prices", "list")["confirmed"] is True
    assert price_is(okap, token, 10e-6, 20e-6)


def test_confirmation_and_restart(okap):
    token = okap.authorize(models=["demo-fast"])["token"]
    okap.run(*DEAR, passphrase=True)
    okap.stop()
    okap.serve()
    assert price_is(okap, token, 10e-6, 20e-6)
    okap.stop()
    make_free(okap)
    warned = okap.log().count(UNCONFIRMED)
    okap.serve(unlock=False)
    assert okap.log().count(UNCONFIRMED) == warned
    okap.run("unlock", passphrase=True)
    assert price_is(okap, token, *BUILT_IN)
    assert okap.log().count(UNCONFIRMED) == warned + 1
    okap.run("lock")
    done = okap.run("prices", "confirm", passphrase=True, check=False)
    assert done.returncode == 1 and "locked" in done.stderr


def test_confirmation_is_refused(okap):
    token = okap.authorize(models=["demo-fast"])["token"]
    right, okap.passphrase = okap.passphrase, "not the passphrase"
    for command in (DEAR, ("prices", "confirm")):
        done = okap.run(*command, passphrase=True, check=False)
        assert done.returncode == 1 and "passphrase" in done.stderr
        assert price_is(okap, token, *BUILT_IN)
    okap.passphrase = right
    # What is confirmed is what was shown, not what is there by then.
    path = "/okap/control/prices/confirm?digest=none-none"
    secret = {"Content-Type": "application/octet-stream"}
    response, text = okap.http("POST", path, right, secret, via_socket=True)
    assert response.status == 409, text
    for body, headers in (("", secret), (right, {"Content-Type": "application/json"})):
        response, _ = okap.http("POST", path, body, headers, via_socket=True)
        assert response.status in (400, 415)
    response, _ = okap.http("POST", path, right, secret)
    assert response.status in (403, 404)
    assert price_is(okap, token, *BUILT_IN)
    okap.run("prices", "confirm", passphrase=True)
    assert price_is(okap, token, 10e-6, 20e-6)


def test_installed_table_must_be_confirmed(okap, tmp_path):
    token = okap.authorize(models=["demo-fast"])["token"]
    text = TABLE.read_text().replace('{"date":"20', '{"date":"21', 1)
    installed = okap.folder / "data" / "okap" / "prices.json"
    installed.write_text(text)
    assert okap.json("prices", "list")["confirmed"] is False
    okap.run("prices", "confirm", passphrase=True)
    assert okap.json("prices", "list")["confirmed"] is True
    okap.run("prices", "update", "--built-in")
    (tmp_path / "newer.json").write_text(text)
    update = ("prices", "update", str(tmp_path / "newer.json"))
    assert okap.json(*update, passphrase=True)["confirmed"] is True
    assert price_is(okap, token, *BUILT_IN)


def test_no_table_to_go_back_to(okap):
    okap.run(*DEAR, passphrase=True)
    assert okap.json("prices", "unset", "demo", "demo-fast")["confirmed"] is True
    assert okap.json("prices", "list", "--mine")["confirmed"] is True
    assert "nothing to confirm" in okap.run("prices", "confirm").stdout


def test_bad_file_at_start(make_okap):
    okap = make_okap().init()
    folder = okap.folder / "config" / "okap"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "prices.json").write_text('{ "prices": [\n{ "provider": "demo", "model": "demo-fast",'
                                        ' "input_usd_per_million": -1 }] }')
    done = okap.run("doctor", check=False)
    assert "Line 2: expected \"input_usd_per_million\" to be dollars" in done.stdout
    okap.serve()
    assert "Line 2: expected" in okap.log()
    chat(okap, okap.authorize(models=["demo-fast"])["token"])


# --- the commands ---

def test_set_show_unset(make_okap):
    okap = make_okap()
    assert okap.json("prices", "set", "replicate", "Acme/Painter", "--per-second", "0.00115") == {
        "provider": "replicate", "model": "acme/painter", "set": True, "confirmed": False}
    okap.run("prices", "set", "replicate", "acme/painter", "--per-run", "0.01")
    row, = okap.json("prices", "show", "acme/painter", "--provider", "replicate")["rows"]
    assert row["source"] == "user"
    price, = row["prices"]
    assert {name: usd for name, usd in price.items() if usd} == {
        "usd_per_second": 0.00115, "usd_per_run": 0.01}
    assert price["usd_per_image"] == 0 and "usd_per_search" not in price
    shown = okap.run("prices", "show", "acme/painter", "--provider", "replicate").stdout
    assert "$0.00115 a second" in shown and "images" not in shown
    assert "1 prices of your own" in okap.run("doctor", check=False).stdout
    okap.run("prices", "unset", "replicate", "acme/painter")
    assert okap.run("prices", "unset", "replicate", "acme/painter", check=False).returncode == 1
    done = okap.run("prices", "show", "acme/painter", "--provider", "replicate", check=False)
    assert done.returncode == 1 and "no price is known" in done.stderr


def test_list(make_okap):
    okap = make_okap()
    rows = okap.json("prices", "list", "--provider", "openai")["rows"]
    assert {row["provider"] for row in rows} == {"openai"} and len(rows) > 100
    row, = [row for row in rows if row["model"] == "gpt-4o"]
    assert row["prices"][0]["input_usd_per_million"] == 2.5
    assert "gpt-4o-mini" in okap.run("prices", "list").stdout
    assert okap.json("prices", "list", "--mine")["rows"] == []


@pytest.mark.parametrize("args", [
    ["set", "openai", "gpt-4o"], ["set", "openai", "--input", "1"],
    ["set", "openai", "gpt-4o", "--input", "cheap"], ["set", "openai", "gpt-4o", "--input", "-1"],
    ["set", "openai", "gpt-4o", "--input", "2500000"],
    ["set", "openai", "gpt-4o", "--input", "1e3"],
    ["set", "openai", "gpt-4o", "--free", "--input", "1"], ["unset", "openai"], ["update"],
    ["update", "a", "b"], ["update", "--built-in", "a"], ["check"], ["show"], ["list", "openai"]])
def test_misuse(make_okap, args):
    okap = make_okap()
    done = okap.run("prices", *args, check=False)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.startswith("okap prices ")
    assert not (okap.folder / "config" / "okap" / "prices.json").exists()


def test_update(make_okap, tmp_path):
    okap = make_okap()
    newer = tmp_path / "newer.json"
    text = TABLE.read_text()
    newer.write_text(text.replace('{"date":"20', '{"date":"21', 1))
    done = okap.json("prices", "update", str(newer))
    assert done["date"].startswith("21") and done["prices"] > 2000
    assert "which you installed" in okap.run("doctor", check=False).stdout

    bad = tmp_path / "bad.json"
    lines = newer.read_text().split("\n")
    lines[100] = lines[100].replace('"input":', '"inputt":', 1)
    bad.write_text("\n".join(lines))
    for command in ("check", "update"):
        refused = okap.run("prices", command, str(bad), check=False)
        assert refused.returncode == 1
        assert f'{bad}: Line 101: "inputt" is neither a unit' in refused.stderr
    assert okap.json("prices", "list", "--mine")["date"] == done["date"]
    refused = okap.run("prices", "update", str(TABLE), check=False)
    assert refused.returncode == 1 and "older than the one in use" in refused.stderr

    okap.run("prices", "update", "--built-in")
    assert okap.json("prices", "list", "--mine")["date"] == json.loads(text)["date"]
    assert okap.json("prices", "check", str(TABLE))["date"] == json.loads(text)["date"]
    assert okap.run("prices", "check", str(tmp_path), check=False).returncode == 1
