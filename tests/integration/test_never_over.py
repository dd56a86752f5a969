# SPDX-License-Identifier: GPL-3.0-or-later
"""A cap of money is not passed: not by many at once, by whatever way a call ends, by a provider
that lies, nor by kill -9.

What stands under the cap is asked for all the time while calls run: settled and reserved
together are never more than the cap, and in the end nothing is reserved.
"""
import asyncio
import contextlib
import json
import random
import signal
import sqlite3
import threading
import time

import pytest

from conftest import wait_until
from mock_provider import Answer, sse

CALLS = 200
FITS = 50
MODEL = "gpt-4o-mini"
OUTPUT = 400
WORDS = " word" * 8
PRICE = (150_000, 600_000)  # pico-dollars a token in and out, as in data/prices

LIMITS = {"requests_per_minute": 100_000, "requests_per_day": 1_000_000}


def usage(kind, output):
    """What the provider says of a call: the truth, or one of many lies."""
    truth = {"prompt_tokens": 40, "completion_tokens": output, "total_tokens": 40 + output}
    return {
        "truth": truth,
        "tenfold": {name: value * 10 for name, value in truth.items()},
        "huge": dict(truth, completion_tokens=10 ** 17, total_tokens=10 ** 17),
        "negative": dict(truth, completion_tokens=-output, prompt_tokens=-40),
        "text": {name: str(value) for name, value in truth.items()},
        "nothing": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        "contradicting": dict(truth, prompt_tokens_details={"cached_tokens": 10 ** 6}),
    }[kind]


class Provider:
    """Answers as the message asks: how, how long, and what it says of itself."""

    def __init__(self):
        self.generated = 0  # tokens that a vendor would bill as written
        self.answered = 0

    def __call__(self, seen):
        asked = seen.json()
        plan = json.loads(asked["messages"][0]["content"])
        output = min(plan["output"], asked.get("max_tokens", asked.get("max_completion_tokens",
                                                                       OUTPUT)))
        self.answered += 1
        if plan["fails"] == "500":
            return Answer(500, body=b'{"error":{"message":"mock fell over"}}')
        if plan["fails"] == "garbage":
            return Answer(body=b'{"id": "x", "usage": {"prompt_tok')
        self.generated += output
        said = usage(plan["lie"], output)
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": MODEL}
        if not asked.get("stream"):
            message = {"role": "assistant", "content": " word" * output}
            return Answer(body=json.dumps(dict(
                chunk, object="chat.completion", usage=said,
                choices=[{"index": 0, "finish_reason": "stop", "message": message}])).encode())
        events = [dict(chunk, choices=[{"index": 0, "delta": {"content": WORDS}}])
                  for _ in range(output // 8)]
        events.append(dict(chunk, choices=[{"index": 0, "delta": {}, "finish_reason": "length"}]))
        if (asked.get("stream_options") or {}).get("include_usage"):
            events.append(dict(chunk, choices=[], usage=said))
        return Answer(content_type="text/event-stream", pause=0.002,
                      pieces=sse(*events, "[DONE]"),
                      cut_after=plan["cut"] if plan["fails"] == "cut" else None)


def make_plan(rng):
    return {"output": rng.choice((80, 200, OUTPUT, OUTPUT)),
            "stream": rng.random() < 0.6,
            "fails": rng.choices(("", "cut", "500", "garbage"), (12, 2, 1, 1))[0],
            "cut": rng.randrange(1, 20),
            "lie": rng.choices(("truth", "tenfold", "huge", "negative", "text", "nothing",
                                "contradicting"), (10, 1, 1, 1, 1, 1, 1))[0],
            "leaves": rng.choices((None, "at once", "midway"), (8, 1, 2))[0]}


async def call(port, token, plan):
    """One call over a connection of its own; returns status, headers and body as far as it came."""
    body = json.dumps({"model": MODEL, "stream": plan["stream"], "max_tokens": OUTPUT,
                       "messages": [{"role": "user", "content": json.dumps(plan)}]}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /v1/openai/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                 b"Authorization: Bearer %s\r\nContent-Type: application/json\r\nTE: trailers\r\n"
                 b"Connection: close\r\nContent-Length: %d\r\n\r\n%s"
                 % (port, token.encode(), len(body), body))
    text = b""
    try:
        if plan["leaves"] == "at once":
            await asyncio.sleep(0.01)
            return 0, {}, b""
        while True:
            piece = await asyncio.wait_for(reader.read(4096), 30)
            if not piece:
                break
            text += piece
            if plan["leaves"] == "midway" and len(text) > 1500:
                return 0, {}, text
    except ConnectionError:
        pass
    finally:
        writer.transport.abort()
    head, _, rest = text.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    if not lines[0]:
        return 0, {}, b""
    headers = {name.lower(): value.strip() for name, value in
               (line.split(":", 1) for line in lines[1:])}
    return int(lines[0].split()[1]), headers, rest


def standings(okap, token):
    """What stands under each limit of money, in nano-dollars."""
    response, text = okap.http("GET", "/okap/grant", headers={"Authorization": "Bearer " + token})
    assert response.status == 200, text
    return [{name: round(row[name] * 1e9) for name in ("granted", "settled", "reserved")}
            for row in json.loads(text)["remaining"] if row["limit"].endswith("_spend")]


class Observer(threading.Thread):
    """Asks for the standings without a pause."""

    def __init__(self, okap, token):
        super().__init__(daemon=True)
        self.okap, self.token = okap, token
        self.seen, self.most, self.over, self.ended = 0, 0, [], False

    def run(self):
        while not self.ended:
            for row in standings(self.okap, self.token):
                self.seen += 1
                total = row["settled"] + row["reserved"]
                self.most = max(self.most, total)
                if total > row["granted"] or min(row.values()) < 0:
                    self.over.append(row)
            time.sleep(0.002)


def read_rows(okap):
    """Request, nano-dollars and error of each row of the database."""
    with contextlib.closing(sqlite3.connect(okap.folder / "data" / "okap" / "okap.db")) as db:
        return db.execute("SELECT request_id, cost_nusd, error FROM usage "
                          "WHERE http_status < 402 OR cost_nusd > 0").fetchall()


def prepare(okap, mock, cap, **limits):
    provider = Provider()
    mock.on("POST", "/openai/v1/chat/completions", provider)
    okap.add_key(mock, "openai")
    granted = okap.authorize("openai", models=[MODEL],
                             limits=dict(LIMITS, monthly_spend=cap, daily_spend=cap, **limits))
    return provider, granted["token"]


def test_200_calls_at_a_cap_for_50(okap, mock):
    one = (40 * PRICE[0] + OUTPUT * PRICE[1]) / 1e12  # dollars that an honest full call costs
    cap = round(one * FITS, 6)
    provider, token = prepare(okap, mock, cap)
    rng = random.Random(20261123)
    plans = [make_plan(rng) for _ in range(CALLS)]
    observer = Observer(okap, token)
    observer.start()

    async def run():
        return await asyncio.gather(*(call(okap.port, token, plan) for plan in plans))

    answers = asyncio.run(run())
    # Those who were refused come back one by one, until nothing fits any more.
    refused = 0
    for _ in range(CALLS):
        status, _, text = asyncio.run(call(okap.port, token, dict(
            make_plan(rng), fails="", leaves=None, stream=False, lie="truth")))
        if status == 402:
            refused += 1
            assert json.loads(text)["error"]["type"] == "spend_limit_reached", text
        if refused == 3:
            break
    wait_until(lambda: all(row["reserved"] == 0 for row in standings(okap, token)))
    observer.ended = True
    observer.join()

    assert not observer.over, observer.over[:3]
    assert observer.seen > 20
    assert refused == 3
    statuses = {status: [a[0] for a in answers].count(status) for status in {a[0] for a in answers}}
    assert statuses.get(402, 0) > 0 and statuses.get(200, 0) > 0, statuses
    final = standings(okap, token)
    for row in final:
        assert row["reserved"] == 0
        assert row["granted"] * 0.5 < row["settled"] <= row["granted"], row
    wait_until(lambda: round(sum(row["cost_usd"] for row in okap.json("usage")["rows"]) * 1e9)
               == final[0]["settled"])
    print(f"{CALLS} calls at once at a cap for {FITS}: {statuses}; observed {observer.seen} times, "
          f"at most {observer.most / final[0]['granted']:.1%} of the cap, in the end "
          f"{final[0]['settled'] / final[0]['granted']:.1%}, nothing reserved; the mock wrote "
          f"{provider.generated} tokens")


async def until_killed(okap, token, rng, results, killed):
    async def worker():
        while not killed.is_set():
            plan = dict(make_plan(rng), lie="truth", leaves=None, fails="")
            try:
                status, headers, text = await call(okap.port, token, plan)
            except OSError:
                return
            whole = not plan["stream"] and len(text) == int(headers.get("content-length", -1))
            if status == 200 and whole:
                results.append((headers["x-okap-request-id"], headers["x-okap-cost-usd"]))
            elif status not in (0, 200):
                results.append((status, text))
    await asyncio.gather(*(worker() for _ in range(8)))


@pytest.mark.speed
@pytest.mark.parametrize("rounds", [20, pytest.param(100, marks=pytest.mark.long)])
def test_kill_9(make_okap, mock, rounds):
    okap = make_okap().init().serve()
    _, token = prepare(okap, mock, 1.0)
    rng = random.Random(9)
    acknowledged, before, refused = {}, 0, 0

    for number in range(rounds):
        results, killed = [], threading.Event()
        load = threading.Thread(target=lambda: asyncio.run(
            until_killed(okap, token, rng, results, killed)))
        load.start()
        time.sleep(rng.uniform(0.02, 0.4))
        okap.stop(signal.SIGKILL)
        killed.set()
        load.join(60)
        for name, value in results:
            if isinstance(name, str):
                acknowledged[name] = round(float(value) * 1e9)
            else:
                refused += 1
        okap.serve()
        # Nothing is stuck, nothing that was acknowledged is lost, and the sums agree.
        for row in standings(okap, token):
            assert row["reserved"] == 0, (number, row)
            assert row["settled"] <= row["granted"], (number, row)
            assert row["settled"] >= before, (number, row)
        before = row["settled"]
        assert before >= sum(acknowledged.values()), number
    okap.stop()
    rows = read_rows(okap)
    costs = {request: cost for request, cost, _ in rows}
    assert len(costs) == len(rows), "a request was booked twice"
    lost = [name for name in acknowledged if name not in costs]
    assert not lost, f"{len(lost)} acknowledged calls have no row"
    assert all(costs[name] == cost for name, cost in acknowledged.items())
    assert sum(costs.values()) == before
    broken = sum(error == "interrupted" for _, _, error in rows)
    assert refused == 0 and len(acknowledged) > rounds and broken > 0
    print(f"{rounds} times kill -9: {len(acknowledged)} acknowledged calls, each with one row; "
          f"{broken} interrupted ones booked as estimates; nothing stuck")
