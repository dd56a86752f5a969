# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that goes on after the answer: its money stays reserved, and is settled when the provider
says what it came to."""
import json
import random
import signal
import time

import pytest

from conftest import wait_until
from mock_provider import Answer, MockProvider

LIMITS = {"monthly_spend": 20, "daily_spend": 20}


def standing(okap, token):
    _, text = okap.http("GET", "/okap/grant", headers={"Authorization": "Bearer " + token})
    row, = [r for r in json.loads(text)["remaining"] if r["limit"] == "monthly_spend"]
    return row


def rows(okap):
    return okap.json("usage", "list")["rows"]


def ask(okap, token, path, body, headers=None):
    response, text = okap.http("POST", path, body, dict(headers or {},
                                                        Authorization="Bearer " + token))
    return response, json.loads(text)


class Work:
    """A provider that needs a while: each poll is a step further."""

    def __init__(self, states):
        self.states, self.polls, self.go = states, 0, False

    def __call__(self, seen):
        self.polls += 1
        return Answer(body=json.dumps(self.states[-1 if self.go else 0]).encode())


def run_job(okap, mock, provider, models, start, poll, states, path, body, results=None):
    """Begins, looks at what is reserved, lets it end; returns the settled row."""
    work = Work(states)
    mock.on("POST", start, Answer(201, body=json.dumps(states[0]).encode()))
    mock.on("GET", poll, work)
    if results is not None:
        mock.on("GET", poll + "/results",
                Answer(content_type="application/x-jsonl", body=results.encode()))
    okap.add_key(mock, provider)
    token = okap.authorize(provider, models=models, limits=LIMITS)["token"]
    response, answer = ask(okap, token, path, body, {"anthropic-version": "2023-06-01"})
    assert response.status == 201, answer
    during = standing(okap, token)
    assert during["reserved"] > 0 and during["settled"] == 0
    wait_until(lambda: work.polls > 0, 10)
    assert standing(okap, token)["reserved"] == during["reserved"]
    work.go = True
    wait_until(lambda: standing(okap, token)["reserved"] == 0, 20)
    row, = rows(okap)
    assert round(standing(okap, token)["settled"] * 1e9) == round(row["cost_usd"] * 1e9)
    return row, [s for s in mock.seen if s.method == "POST"][0]


def test_response_in_background(okap, mock):
    response = {"id": "resp_abc", "object": "response", "status": "queued", "background": True,
                "model": "gpt-4o-mini", "output": [], "usage": None}
    done = dict(response, status="completed", usage={
        "input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0}})
    row, _ = run_job(okap, mock, "openai", ["gpt-4o-mini"], "/openai/v1/responses",
                     "/openai/v1/responses/resp_abc", [response, done], "/v1/openai/responses",
                     {"model": "gpt-4o-mini", "input": "x", "background": True, "store": True})
    assert row["cost_status"] == "known"
    assert round(row["cost_usd"] * 1e9) == 1000 * 150 + 100 * 600


def test_batch_with_results(okap, mock):
    batch = {"id": "msgbatch_1", "type": "message_batch", "processing_status": "in_progress",
             "request_counts": {"processing": 2}, "results_url": None}
    done = dict(batch, processing_status="ended", results_url=mock.base_url("anthropic")
                + "/messages/batches/msgbatch_1/results")
    message = {"id": "m", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
               "content": [], "stop_reason": "end_turn",
               "usage": {"input_tokens": 1000, "output_tokens": 200}}
    results = "".join(json.dumps({"custom_id": str(i), "result": {
        "type": "succeeded", "message": message}}) + "\n" for i in range(2))
    results += json.dumps({"custom_id": "2", "result": {"type": "errored"}}) + "\n"
    params = {"model": "claude-sonnet-4-5", "max_tokens": 300,
              "messages": [{"role": "user", "content": "x"}]}
    row, _ = run_job(okap, mock, "anthropic", ["claude-sonnet-4-5"],
                     "/anthropic/v1/messages/batches", "/anthropic/v1/messages/batches/msgbatch_1",
                     [batch, done], "/v1/anthropic/messages/batches",
                     {"requests": [{"custom_id": str(i), "params": params} for i in range(3)]},
                     results)
    # Two answers at $3 and $15 a million, at half the price.
    assert round(row["cost_usd"] * 1e9) == 2 * (1000 * 3000 + 200 * 15000) // 2


def upload(okap, token, *bodies, provider="openai"):
    lines = "\n".join(json.dumps({"custom_id": str(i), "method": "POST",
                                  "url": "/v1/chat/completions", "body": body})
                      for i, body in enumerate(bodies))
    form = ('--B\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--B\r\n'
            'Content-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n'
            f"{lines}\r\n--B--\r\n")
    response, text = okap.http("POST", f"/v1/{provider}/files", form.encode(), {
        "Authorization": "Bearer " + token, "Content-Type": "multipart/form-data; boundary=B"})
    assert response.status == 200, text
    return json.loads(text)["id"]


def test_batch_of_a_file(okap, mock):
    """What came through us is bounded by its lines; of any other file nobody knows the cost."""
    batch = {"id": "batch_1", "object": "batch", "status": "validating", "usage": None}
    work = Work([batch, dict(batch, status="completed", usage={
        "input_tokens": 1000, "output_tokens": 150, "total_tokens": 1150,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0}})])
    mock.on("POST", "/openai/v1/files", Answer(body=b'{"id":"file-1","object":"file"}'))
    mock.on("POST", "/openai/v1/batches", Answer(body=json.dumps(batch).encode()))
    mock.on("GET", "/openai/v1/batches/batch_1", work)
    okap.add_key(mock, "openai")
    token = okap.authorize("openai", models=["gpt-4o-mini"], limits=LIMITS)["token"]
    begin = {"endpoint": "/v1/chat/completions", "completion_window": "24h",
             "input_file_id": "file-1"}
    assert ask(okap, token, "/v1/openai/batches", begin)[0].status == 403
    body = {"model": "gpt-4o-mini", "max_tokens": 100,
            "messages": [{"role": "user", "content": "x"}]}
    assert upload(okap, token, body, body) == "file-1"
    response, answer = ask(okap, token, "/v1/openai/batches", begin)
    assert response.status == 200, answer
    reserved = standing(okap, token)["reserved"]
    assert 200 * 600 <= reserved * 1e9 < 2_000_000  # two answers of 100, and short prompts
    work.go = True
    wait_until(lambda: standing(okap, token)["reserved"] == 0, 20)
    row, = [row for row in rows(okap) if row["cost_usd"]]
    # $0.15 and $0.60 a million, at half the price.
    assert round(row["cost_usd"] * 1e9) == (1000 * 150 + 150 * 600) // 2


def output_line(model, prompt, completion):
    return json.dumps({"id": "x", "custom_id": "0", "response": {"status_code": 200, "body": {
        "model": model, "usage": {"prompt_tokens": prompt, "completion_tokens": completion,
                                  "total_tokens": prompt + completion}}}}) + "\n"


@pytest.mark.parametrize("provider,models,lines,nusd,usage", [
    # Several models: what each line says, at half the price, whatever the total is.
    ("openai", ["gpt-4o-mini", "gpt-4o"],
     [("gpt-4o-mini-2024-07-18", 1000, 100), ("gpt-4o-2024-08-06", 500, 50)],
     (1000 * 150 + 100 * 600 + 500 * 2500 + 50 * 10000) // 2,
     {"input_tokens": 1500, "output_tokens": 150, "total_tokens": 1650}),
    # A provider that tells no total.
    ("openai", ["gpt-4o-mini"], [("gpt-4o-mini", 1000, 100), ("gpt-4o-mini", 10, 2)],
     (1010 * 150 + 102 * 600) // 2, None),
    # A line that tells of no use that anybody could price: all that was set aside.
    ("openai", ["gpt-4o-mini", "gpt-4o"], [("gpt-4o-mini", -1, 100)], None, None)])
def test_batch_by_its_lines(okap, mock, provider, models, lines, nusd, usage):
    batch = {"id": "batch_2", "object": "batch", "status": "in_progress", "usage": None,
             "output_file_id": None}
    work = Work([batch, dict(batch, status="completed", output_file_id="file-out", usage=usage)])
    mock.on("POST", f"/{provider}/v1/files", Answer(body=b'{"id":"file-2","object":"file"}'))
    mock.on("POST", f"/{provider}/v1/batches", Answer(body=json.dumps(batch).encode()))
    mock.on("GET", f"/{provider}/v1/batches/batch_2", work)
    text = "".join(output_line(*line) for line in lines)
    text += json.dumps({"response": {"status_code": 400, "body": {"error": {"code": "x"}}}})
    mock.on("GET", f"/{provider}/v1/files/file-out/content",
            Answer(content_type="application/octet-stream", body=text.encode()))
    okap.add_key(mock, provider)
    token = okap.authorize(provider, models=models, limits=LIMITS)["token"]
    upload(okap, token, *[{"model": model, "max_tokens": 100,
                           "messages": [{"role": "user", "content": "x"}]} for model in models],
           provider=provider)
    response, answer = ask(okap, token, f"/v1/{provider}/batches", {
        "endpoint": "/v1/chat/completions", "completion_window": "24h", "input_file_id": "file-2"})
    assert response.status == 200, answer
    reserved = round(standing(okap, token)["reserved"] * 1e9)
    okap.stop(signal.SIGKILL)
    work.go = True
    okap.serve()
    wait_until(lambda: standing(okap, token)["reserved"] == 0, 20)
    row, = [row for row in rows(okap) if row["cost_usd"]]
    assert round(row["cost_usd"] * 1e9) == (nusd if nusd is not None else reserved)


def test_batch_of_a_foreign_file(okap, mock):
    okap.add_key(mock, "openai")
    token = okap.authorize("openai", models=[], limits=LIMITS)["token"]
    response, answer = ask(okap, token, "/v1/openai/batches", {
        "endpoint": "/v1/chat/completions", "completion_window": "24h",
        "input_file_id": "file-of-others"})
    assert response.status == 403
    assert "Upload the file here, then begin the batch" in answer["error"]["message"]
    assert mock.seen == []


def test_prediction(okap, mock):
    okap.run("prices", "set", "replicate", "acme/painter", "--per-second", "0.001",
             passphrase=True)
    prediction = {"id": "pred1", "status": "starting", "model": "acme/painter", "output": None,
                  "urls": {"get": mock.base_url("replicate") + "/predictions/pred1"}}
    done = dict(prediction, status="succeeded", output=["https://cdn.example/x.png"],
                metrics={"predict_time": 12.5})
    row, began = run_job(okap, mock, "replicate", ["acme/painter"],
                         "/replicate/v1/models/acme/painter/predictions",
                         "/replicate/v1/predictions/pred1", [prediction, done],
                         "/v1/replicate/models/acme/painter/predictions",
                         {"input": {"prompt": "an okapi"}})
    assert round(row["cost_usd"] * 1e9) == 12_500_000
    assert began.header("cancel-after") == "300s" and "cancel-after" in row["edits"]


def test_what_failed_costs_nothing(okap, mock):
    response = {"id": "resp_f", "object": "response", "status": "in_progress", "background": True,
                "model": "gpt-4o-mini", "usage": None}
    row, _ = run_job(okap, mock, "openai", ["gpt-4o-mini"], "/openai/v1/responses",
                     "/openai/v1/responses/resp_f", [response, dict(response, status="failed")],
                     "/v1/openai/responses",
                     {"model": "gpt-4o-mini", "input": "x", "background": True})
    assert row["cost_usd"] == 0


@pytest.mark.parametrize("answer", [{"status": "queued"}, {"id": "../x", "status": "queued"},
                                    {"id": "a?b", "status": "queued"}])
def test_a_name_that_leads_elsewhere_is_none(okap, mock, answer):
    mock.on("POST", "/openai/v1/responses", Answer(body=json.dumps(dict(
        answer, background=True, model="gpt-4o-mini")).encode()))
    okap.add_key(mock, "openai")
    token = okap.authorize("openai", models=["gpt-4o-mini"], limits=LIMITS)["token"]
    assert ask(okap, token, "/v1/openai/responses",
               {"model": "gpt-4o-mini", "input": "x", "background": True})[0].status == 200
    wait_until(lambda: len(rows(okap)) == 1)
    assert standing(okap, token)["reserved"] == 0
    assert all(seen.method == "POST" for seen in mock.seen)
    assert MockProvider.KEY["openai"] in mock.seen[0].header("authorization")


RESPONSE = {"id": "resp_k", "object": "response", "status": "queued", "background": True,
            "model": "gpt-4o-mini", "output": [], "usage": None}
RESPONSE_DONE = dict(RESPONSE, status="completed", usage={
    "input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100,
    "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}})
RESPONSE_NUSD = 1000 * 150 + 100 * 600


def begin_response(okap, mock, token):
    return ask(okap, token, "/v1/openai/responses",
               {"model": "gpt-4o-mini", "input": "x", "background": True, "store": True})


@pytest.fixture
def response_work(okap, mock):
    work = Work([RESPONSE, RESPONSE_DONE])
    mock.on("POST", "/openai/v1/responses", Answer(body=json.dumps(RESPONSE).encode()))
    mock.on("GET", "/openai/v1/responses/resp_k", work)
    okap.add_key(mock, "openai")
    return work, okap.authorize("openai", models=["gpt-4o-mini"], limits=LIMITS)["token"]


def kill(okap):
    okap.stop(signal.SIGKILL)
    okap.serve()


def test_response_over_kill(okap, mock, response_work):
    work, token = response_work
    assert begin_response(okap, mock, token)[0].status == 200
    during = standing(okap, token)
    for _ in range(2):
        kill(okap)
        assert rows(okap) == [] and standing(okap, token) == during
    polls = work.polls
    wait_until(lambda: work.polls > polls, 10)
    work.go = True
    wait_until(lambda: standing(okap, token)["reserved"] == 0, 20)
    row, = rows(okap)
    assert row["cost_status"] == "known" and round(row["cost_usd"] * 1e9) == RESPONSE_NUSD
    assert round(standing(okap, token)["settled"] * 1e9) == RESPONSE_NUSD
    kill(okap)
    assert [r["cost_usd"] for r in rows(okap)] == [row["cost_usd"]]
    assert standing(okap, token)["reserved"] == 0
    assert not list((okap.folder / "data/okap/leases.jobs").iterdir())
    assert MockProvider.KEY["openai"] in mock.seen[-1].header("authorization")


def test_locked_after_kill(okap, mock, response_work):
    """While the vault is locked nobody is asked, and nothing is booked."""
    work, token = response_work
    assert begin_response(okap, mock, token)[0].status == 200
    okap.stop(signal.SIGKILL)
    work.go, polls = True, work.polls
    okap.serve(unlock=False)
    with pytest.raises(AssertionError):
        wait_until(lambda: work.polls > polls, 3)
    okap.run("unlock", passphrase=True)
    wait_until(lambda: len(rows(okap)) == 1, 20)
    assert round(rows(okap)[0]["cost_usd"] * 1e9) == RESPONSE_NUSD


@pytest.mark.parametrize("rounds", [4, pytest.param(40, marks=pytest.mark.long)])
def test_killed_around_the_end(okap, mock, response_work, rounds):
    """One row of each, at its exact cost, whenever the process ends."""
    work, token = response_work
    random.seed(6527)
    for i in range(rounds):
        work.go, polls = False, work.polls
        mock.on("POST", "/openai/v1/responses", Answer(body=json.dumps(RESPONSE).encode()))
        assert begin_response(okap, mock, token)[0].status == 200
        work.go = True
        wait_until(lambda: work.polls > polls, 10)
        time.sleep(random.random() * 0.02)
        kill(okap)
        wait_until(lambda: len(rows(okap)) == i + 1, 20)
        assert {round(row["cost_usd"] * 1e9) for row in rows(okap)} == {RESPONSE_NUSD}
        assert standing(okap, token)["reserved"] == 0


def test_batch_over_kill(okap, mock):
    batch = {"id": "msgbatch_k", "type": "message_batch", "processing_status": "in_progress"}
    work = Work([batch, dict(batch, processing_status="ended")])
    message = {"id": "m", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
               "content": [], "stop_reason": "end_turn",
               "usage": {"input_tokens": 1000, "output_tokens": 200}}
    line = json.dumps({"custom_id": "0", "result": {"type": "succeeded", "message": message}})
    path = "/anthropic/v1/messages/batches"
    mock.on("POST", path, Answer(body=json.dumps(batch).encode()))
    mock.on("GET", path + "/msgbatch_k", work)
    mock.on("GET", path + "/msgbatch_k/results",
            Answer(content_type="application/x-jsonl", body=(line + "\n").encode()))
    okap.add_key(mock, "anthropic")
    token = okap.authorize("anthropic", models=["claude-sonnet-4-5"], limits=LIMITS)["token"]
    params = {"model": "claude-sonnet-4-5", "max_tokens": 300,
              "messages": [{"role": "user", "content": "x"}]}
    assert ask(okap, token, "/v1/anthropic/messages/batches",
               {"requests": [{"custom_id": "0", "params": params}]},
               {"anthropic-version": "2023-06-01"})[0].status == 200
    during = standing(okap, token)
    kill(okap)
    assert standing(okap, token) == during
    work.go = True
    wait_until(lambda: standing(okap, token)["reserved"] == 0, 20)
    row, = rows(okap)
    assert round(row["cost_usd"] * 1e9) == (1000 * 3000 + 200 * 15000) // 2
    assert mock.seen[-1].header("anthropic-version") == "2023-06-01"
    assert row["app"] == "Test App" and row["model_asked"] == "claude-sonnet-4-5"
