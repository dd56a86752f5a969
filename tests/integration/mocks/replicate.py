# SPDX-License-Identifier: GPL-3.0-or-later
"""Replicate's API: predictions that are made, asked for, cancelled; its streams at another host."""
from .strict import Answer, Row, Vendor, reply

VERSION = "5a6809ca6288247d06daf6365557e5e429063f32a21146b2a807c682652136b8"


def prediction(seen, status="succeeded", id="p1", model="meta/meta-llama-3-8b-instruct"):
    api = f"http://{seen.header('host')}/replicate/v1"
    made = {"id": id, "model": model, "version": VERSION, "status": status,
            "input": {"prompt": "Hi"}, "logs": "", "error": None, "data_removed": False,
            "source": "api", "created_at": "2026-11-01T00:00:00.000Z",
            "urls": {"get": f"{api}/predictions/{id}", "cancel": f"{api}/predictions/{id}/cancel",
                     # Streams are at a host of their own, which wants no key.
                     "stream": f"http://{seen.header('host')}/replicate/stream/{id}",
                     "web": f"https://replicate.com/p/{id}"}}
    if status == "succeeded":
        made.update(output=["Hello", " from", " the mock"],
                    started_at="2026-11-01T00:00:00.100Z",
                    completed_at="2026-11-01T00:00:01.100Z",
                    metrics={"predict_time": 1.0, "total_time": 1.1})
    return made


def create(seen, owner=None, name=None):
    waited = (seen.header("prefer") or "").startswith("wait")
    model = f"{owner}/{name}" if owner else "meta/meta-llama-3-8b-instruct"
    answer = reply(prediction(seen, "succeeded" if waited else "starting", model=model))
    answer.status = 201
    return answer


def streamed(seen, id):
    events = [f"event: output\nid: {i}:0\ndata: {word}\n\n".encode()
              for i, word in enumerate(("Hello", " from", " the mock"))]
    return Answer(content_type="text/event-stream", pause=0.002,
                  pieces=[*events, b"event: done\nid: 3:0\ndata: {}\n\n"])


def asked(seen, id):
    """The same in pieces, cut anywhere."""
    body = reply(prediction(seen, id=id)).body
    return Answer(pieces=[body[at:at + 37] for at in range(0, len(body), 37)])


def listed(seen):
    return reply({"results": [prediction(seen)]})


def model(seen, owner, name):
    return reply({"url": f"https://replicate.com/{owner}/{name}", "owner": owner, "name": name,
                  "description": "A mock", "visibility": "public", "is_official": True,
                  "run_count": 1, "latest_version": {
                      "id": VERSION, "created_at": "2026-11-01T00:00:00.000Z",
                      "cog_version": "0.10.0", "openapi_schema": {}}})


def error(fault):
    return {"title": "Refused by the mock", "detail": fault.message, "status": fault.status}


WEBHOOKS = "webhook webhook_events_filter stream"
ROWS = [
    Row("POST", "/v1/models/{owner}/{name}/predictions", create, {"input": dict}, WEBHOOKS),
    Row("POST", "/v1/deployments/{owner}/{name}/predictions", create, {"input": dict}, WEBHOOKS),
    Row("POST", "/v1/predictions", create, {"version": str, "input": dict}, WEBHOOKS),
    Row("GET", "/v1/predictions", listed, query="cursor created_after created_before source"),
    Row("GET", "/v1/predictions/{id}", asked),
    Row("POST", "/v1/predictions/{id}/cancel",
        lambda seen, id: reply(prediction(seen, "canceled", id))),
    Row("GET", "/v1/models/{owner}/{name}", model),
    Row("GET", "/v1/account", reply({"type": "user", "username": "mock", "name": "Mock",
                                     "github_url": "https://github.com/mock",
                                     "avatar_url": "https://example.com/mock.png"})),
    Row("GET", "/stream/{id}", streamed, auth="none"),
]

VENDOR = Vendor("replicate", "/v1", ROWS, error)
