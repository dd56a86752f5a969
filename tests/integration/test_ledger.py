# SPDX-License-Identifier: GPL-3.0-or-later
"""What was spent and sent is known to the next process, however the last one ended."""
import http.client
import json
import random
import signal
import threading

import pytest

from conftest import wait_until
from mock_provider import Answer, sse

CHAT = {"model": "gpt-4o-mini", "max_tokens": 50, "stream": True,
        "messages": [{"role": "user", "content": "Hello"}]}


def slow_stream(mock):
    pieces = sse(*[{"choices": [{"index": 0, "delta": {"content": f"w{i} "}}]}
                   for i in range(1000)], "[DONE]")
    mock.on("POST", "/openai/v1/chat/completions",
            Answer(content_type="text/event-stream", pieces=pieces, pause=0.01))


def short_stream(mock):
    mock.on("POST", "/openai/v1/chat/completions",
            Answer(content_type="text/event-stream", pieces=sse(
                {"choices": [{"index": 0, "delta": {"content": "Hi"}}]},
                {"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 2,
                                          "total_tokens": 12}}, "[DONE]")))


def start(okap, token, answers):
    """Sends one request; notes its status, or that it broke off."""
    def run():
        try:
            response, _ = okap.http("POST", "/v1/openai/chat/completions", CHAT,
                                    {"Authorization": f"Bearer {token}"})
            answers.append(response.status)
        except (OSError, http.client.HTTPException):
            answers.append(None)
    thread = threading.Thread(target=run)
    thread.start()
    return thread


def requests_of(okap):
    rows = okap.json("usage")["rows"]
    return rows[0]["requests"] if rows else 0


@pytest.fixture
def token(okap, mock):
    okap.add_key(mock, "openai")
    return okap.authorize("openai", models=["gpt-4o-mini"],
                          limits={"monthly_spend": 5, "requests_per_day": 1000,
                                  "requests_per_minute": 1000})["token"]


def test_killed_while_streaming(okap, mock, token):
    slow_stream(mock)
    answers = []
    threads = [start(okap, token, answers) for _ in range(5)]
    wait_until(lambda: len(mock.seen) == 5)
    okap.stop(signal.SIGKILL)
    for thread in threads:
        thread.join()
    for _ in range(2):  # once, however often it is started
        okap.serve()
        assert requests_of(okap) == 5
        okap.stop(signal.SIGKILL)
    okap.serve()


def test_killed_at_any_moment(okap, mock, token):
    """All that reached the provider is counted, each once; nothing else is, but for what was
    about to be sent."""
    random.seed(6527)
    short_stream(mock)
    broken = 0
    for _ in range(5):
        answers = []
        most = random.randrange(5, 40)
        threads = [start(okap, token, answers) for _ in range(most)]
        wait_until(lambda: len(answers) >= most // 2)
        okap.stop(signal.SIGKILL)
        for thread in threads:
            thread.join()
        broken += answers.count(None)
        assert answers.count(200) + answers.count(None) == most
        okap.serve()
        assert len(mock.seen) <= requests_of(okap) <= len(mock.seen) + broken
