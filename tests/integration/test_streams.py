# SPDX-License-Identifier: GPL-3.0-or-later
"""500 streams at once through one proxy thread: none lost, none reordered."""
import asyncio
import json
from pathlib import Path

import pytest

from mock_provider import Answer, sse

STREAMS = 500
EVENTS = 200


def memory_kib(pid, field):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise AssertionError(field)


async def read_stream(port, token, number, started, go):
    body = json.dumps({"model": "gpt-4o-mini", "stream": True,
                       "messages": [{"role": "user", "content": str(number)}]}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /v1/openai/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                 b"Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
                 b"Connection: close\r\nContent-Length: %d\r\n\r\n%s"
                 % (port, token.encode(), len(body), body))
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    started.release()
    await go.wait()
    text = b""
    while True:
        size = int((await reader.readuntil(b"\r\n")).strip(), 16)
        text += await reader.readexactly(size)
        await reader.readexactly(2)
        if size == 0:
            break
    writer.close()
    return number, [json.loads(line[6:])["n"] for line in text.decode().splitlines()
                    if line.startswith("data: {")]


async def run_all(okap, token):
    started, go = asyncio.Semaphore(0), asyncio.Event()
    tasks = [asyncio.create_task(read_stream(okap.port, token, i, started, go))
             for i in range(STREAMS)]
    for _ in range(STREAMS):
        await asyncio.wait_for(started.acquire(), 60)
    during = memory_kib(okap.server.pid, "VmRSS")  # all are open, none is read
    go.set()
    return during, await asyncio.gather(*tasks)


@pytest.mark.speed
def test_500_streams(okap, mock):
    def numbered(seen):
        number = int(seen.json()["messages"][0]["content"])
        return Answer(content_type="text/event-stream", pause=0.01, pieces=sse(
            *[{"n": [number, i], "choices": [{"index": 0, "delta": {"content": "x" * 40}}]}
              for i in range(EVENTS)], "[DONE]"))

    mock.on("POST", "/openai/v1/chat/completions", numbered)
    okap.add_key(mock, "openai")
    token = okap.authorize("openai", models=["gpt-4o-mini"],
                           limits={"requests_per_minute": 1000, "requests_per_day": 10000,
                                       "monthly_spend": 100, "daily_spend": 100})["token"]
    before = memory_kib(okap.server.pid, "VmRSS")
    during, results = asyncio.run(run_all(okap, token))
    for number, events in results:
        assert events == [[number, i] for i in range(EVENTS)], number
    print(f"{STREAMS} streams of {EVENTS} events: none lost, none reordered; "
          f"{(during - before) / STREAMS:.0f} KiB a stream")
