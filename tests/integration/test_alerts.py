# SPDX-License-Identifier: GPL-3.0-or-later
"""A person hears of money before it is gone: at 50, 80, 95 and 100 % of a limit, once each."""
import contextlib
import json
import sqlite3

from conftest import wait_until
from mock_provider import Answer

MODEL = "gpt-4o-mini"
CAP = 0.01


def spend(okap, token, tokens):
    """One answer that costs so many output tokens, at 600 nano-dollars each."""
    response, text = okap.http("POST", "/v1/openai/chat/completions", {
        "model": MODEL, "max_tokens": tokens, "service_tier": "default",
        "messages": [{"role": "user", "content": "x"}]},
        {"Authorization": "Bearer " + token})
    return response.status, json.loads(text)


def alerts(okap):
    return [line for line in okap.log().splitlines() if "% of its" in line]


def audited(okap):
    with contextlib.closing(sqlite3.connect(okap.folder / "data" / "okap" / "okap.db")) as db:
        return [detail for detail, in db.execute(
            "SELECT detail FROM audit WHERE event = 'limit.reached' ORDER BY id")]


def test_each_part_is_told_once(okap, mock):
    def answer(seen):
        written = seen.json()["max_tokens"]
        return Answer(body=json.dumps({
            "id": "c", "object": "chat.completion", "created": 1, "model": MODEL,
            "choices": [{"index": 0, "finish_reason": "length",
                         "message": {"role": "assistant", "content": "word"}}],
            "usage": {"prompt_tokens": 0, "completion_tokens": written,
                      "total_tokens": written}}).encode())

    mock.on("POST", "/openai/v1/chat/completions", answer)
    okap.add_key(mock, "openai")
    token = okap.authorize("openai", models=[MODEL], limits={
        "monthly_spend": CAP, "daily_spend": 1, "requests_per_minute": 1000})["token"]

    # 0.01 dollars are 16,666 tokens.
    for tokens, told in ((8000, []), (400, [50]), (400, [50]), (4600, [50, 80]),
                         (2500, [50, 80, 95])):
        assert spend(okap, token, tokens)[0] == 200
        wait_until(lambda: len(alerts(okap)) == len(told))
        assert all(f"has used {part} % of its monthly_spend at openai" in line
                   for part, line in zip(told, alerts(okap)))
    # What is left is less than the next answer might cost: it is shortened, and nothing is left.
    status, answer = spend(okap, token, 4000)
    assert status == 200 and answer["usage"]["completion_tokens"] < 700
    for _ in range(5):
        status, answer = spend(okap, token, 4000)
        if status == 402:
            break
    error = answer["error"]
    assert status == 402 and error["type"] == "spend_limit_reached"
    for word in ("monthly_spend", "openai", "$0.01", "settled", "reserved"):
        assert word in error["message"], error["message"]
    assert len(alerts(okap)) <= 4
    response, text = okap.http("GET", "/okap/grant", headers={"Authorization": "Bearer " + token})
    row, = [r for r in json.loads(text)["remaining"] if r["limit"] == "monthly_spend"]
    assert row["reserved"] == 0 and row["settled"] <= CAP

    okap.stop()
    lines = audited(okap)
    assert len(lines) == len(alerts(okap))
    assert "50 %" in lines[0] and "begins anew at" in lines[0]
    okap.serve()
    told = len(alerts(okap))
    assert spend(okap, token, 4000)[0] == 402
    assert len(alerts(okap)) == told, "a restart is no reason to tell again"
