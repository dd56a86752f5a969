# SPDX-License-Identifier: GPL-3.0-or-later
"""Anthropic's API in both of its versions, with the key where each reads it."""
import json

from . import openai_elsewhere
from .openai_like import MESSAGES, TEXT
from .strict import Answer, Each, Fault, Row, Vendor, reply, stream

OLD, NEW = "2023-06-01", "2026-10-21"
# The new version refuses what the old one took.
SAMPLING = ("temperature", "top_p", "top_k")
MEMBERS = ("cache_control container diagnostics inference_geo metadata output_config service_tier "
           "speed stop_sequences stream system thinking tool_choice tools user_profile_id "
           "workspace_id temperature top_p top_k")


class Anthropic(Vendor):
    def check_key(self, seen, auth="own"):
        """With the new version the key may also come as Bearer, but not as both."""
        if auth == "any":
            super().check_key(seen, auth)
            return
        version = seen.header("anthropic-version")
        if version not in (OLD, NEW):
            raise Fault(400, f"anthropic-version: {version} was not expected")
        bearer = seen.header("authorization")
        if version == NEW and bearer == f"Bearer {self.key}":
            if seen.header("x-api-key"):
                raise Fault(401, "the key came twice")
            return
        super().check_key(seen, auth)


def usage(**more):
    return {"input_tokens": 10, "cache_creation_input_tokens": 3, "cache_read_input_tokens": 2,
            "cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 0},
            "output_tokens": 4, "output_tokens_details": None, "server_tool_use": None,
            "service_tier": "standard", "speed": "standard", "inference_geo": None, **more}


def messages(seen):
    asked = seen.json()
    if seen.header("anthropic-version") == NEW:
        for name in SAMPLING:
            if name in asked:
                raise Fault(400, f"{name} is gone in this version")
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": asked["model"],
               "content": [{"type": "text", "text": TEXT, "citations": None}],
               "container": None, "diagnostics": None, "stop_details": None,
               "stop_reason": "end_turn", "stop_sequence": None, "usage": usage()}
    headers = {"request-id": "req_1"}
    if not asked.get("stream"):
        return reply(message, **headers)
    answer = stream(
        {"type": "message_start", "message": {**message, "content": [], "stop_reason": None,
                                              "usage": usage(output_tokens=1)}},
        {"type": "content_block_start", "index": 0,
         "content_block": {"type": "text", "text": "", "citations": None}},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0,
         "delta": {"type": "text_delta", "text": "Hello from"}},
        {"type": "content_block_delta", "index": 0,
         "delta": {"type": "text_delta", "text": " the mock"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None,
                                            "container": None, "stop_details": None},
         "usage": {"input_tokens": 10, "output_tokens": 4, "cache_creation_input_tokens": 3,
                   "cache_read_input_tokens": 2, "output_tokens_details": None,
                   "server_tool_use": None}},
        {"type": "message_stop"}, event_names=True)
    answer.headers = headers
    return answer


def model(name):
    return {"id": name, "type": "model", "display_name": name, "capabilities": None,
            "created_at": "2026-01-01T00:00:00Z", "deprecated_at": None, "retires_at": None,
            "lifecycle": "active", "line": None, "max_input_tokens": 200000, "max_tokens": 64000}


def models(seen):
    names = ["claude-sonnet-4-5"]
    return reply({"data": [model(name) for name in names], "has_more": False,
                  "first_id": names[0], "last_id": names[-1]})


def batch(seen, id, status="ended"):
    """Its results are at an absolute address, at the host that was asked."""
    done = status == "ended"
    return {"id": id, "type": "message_batch", "processing_status": status,
            "archived_at": None, "cancel_initiated_at": None,
            "created_at": "2026-11-01T00:00:00Z", "expires_at": "2026-11-02T00:00:00Z",
            "ended_at": "2026-11-01T00:10:00Z" if done else None,
            "request_counts": {"processing": 0 if done else 1, "succeeded": int(done),
                               "errored": 0, "canceled": 0, "expired": 0},
            "results_url": f"http://{seen.header('host')}/anthropic/v1/messages/batches/{id}"
                           "/results" if done else None}


def batches(seen):
    for i, request in enumerate(seen.json()["requests"]):
        for name in ("model", "max_tokens", "messages"):
            if name not in request["params"]:
                raise Fault(400, f"requests[{i}].params.{name} is missing")
    return reply(batch(seen, "msgbatch_1", "in_progress"))


def results(seen, id):
    line = {"custom_id": "one", "result": {"type": "succeeded", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
        "content": [{"type": "text", "text": TEXT, "citations": None}], "container": None,
        "diagnostics": None, "stop_details": None, "stop_reason": "end_turn",
        "stop_sequence": None, "usage": usage(service_tier="batch")}}}
    return Answer(content_type="application/x-jsonl", body=json.dumps(line).encode() + b"\n")


def error(fault):
    return {"type": "error", "request_id": "req_1",
            "error": {"type": "mock_refused", "message": fault.message}}


ROWS = [
    Row("POST", "/v1/messages", messages,
        {"model": str, "max_tokens": int, "messages": MESSAGES}, MEMBERS, query="beta"),
    Row("POST", "/v1/messages/count_tokens", reply({"input_tokens": 10}),
        {"model": str, "messages": MESSAGES},
        "cache_control output_config system thinking tool_choice tools", query="beta"),
    Row("POST", "/v1/messages/batches", batches,
        {"requests": Each(custom_id=str, params=dict)}, query="beta"),
    Row("GET", "/v1/messages/batches", lambda seen: reply(
        {"data": [batch(seen, "msgbatch_1")], "has_more": False, "first_id": "msgbatch_1",
         "last_id": "msgbatch_1"}), query="after_id before_id limit"),
    Row("GET", "/v1/messages/batches/{id}", lambda seen, id: reply(batch(seen, id))),
    Row("POST", "/v1/messages/batches/{id}/cancel",
        lambda seen, id: reply(batch(seen, id, "canceling"))),
    Row("GET", "/v1/messages/batches/{id}/results", results),
    Row("GET", "/v1/models", models, query="after_id before_id limit beta"),
    Row("GET", "/v1/models/{id}", lambda seen, id: reply(model(id)), query="beta"),
]

VENDOR = Anthropic("anthropic", "/v1", ROWS + openai_elsewhere.ANTHROPIC, error,
                   header="x-api-key", prefix="", base="")
