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


def audit(okap):
    """What the trail says of prices; Okap keeps the database for itself while it runs."""
    path = okap.folder / "data" / "okap" / "okap.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT detail FROM audit WHERE event = 'prices.changed' ORDER BY id")
        return [detail for detail, in rows]


# --- what counts while Okap runs ---

def test_running_okap_sees_changes(okap):
    token = okap.authorize(models=["demo-fast"])["token"]

    def price_is(inp, out):
        cost, usage = cost_of_next(okap, token)
        return abs(cost - usage["prompt_tokens"] * inp - usage["completion_tokens"] * out) < 1.5e-9

    assert price_is(0.1e-6, 0.4e-6)
    okap.run("prices", "set", "demo", "demo-fast", "--input", "10", "--output", "20")
    wait_until(lambda: price_is(10e-6, 20e-6))
    (okap.folder / "config" / "okap" / "prices.json").write_text('{ "prices": [\nnonsense')
    wait_until(lambda: "Line 2: " in okap.log())
    assert price_is(10e-6, 20e-6)
    (okap.folder / "config" / "okap" / "prices.json").unlink()
    wait_until(lambda: price_is(0.1e-6, 0.4e-6))
    okap.stop()
    assert audit(okap) == [
        "Prices of your own, which win over the table: 1 (demo demo-fast)",
        "There are no prices of your own any more"]


def test_changes_while_okap_rests(make_okap):
    okap = make_okap().init()
    okap.run("prices", "set", "openai", "gpt-4o", "--free")
    for _ in range(2):
        okap.serve()
        okap.stop()
    assert audit(okap) == ["Prices of your own, which win over the table: 1 (openai gpt-4o)"]


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
        "provider": "replicate", "model": "acme/painter", "set": True}
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
