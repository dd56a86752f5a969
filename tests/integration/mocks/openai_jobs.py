# SPDX-License-Identifier: GPL-3.0-or-later
"""What OpenAI's API does later: files with lines of requests, batches of them, videos."""
import json

from .strict import Answer, Fault, Row, read_form, reply

FILE, BATCH, VIDEO = "file-1", "batch_1", "video_1"


def file_object(id=FILE, purpose="batch"):
    return {"id": id, "object": "file", "bytes": 120, "created_at": 1790000000,
            "filename": "lines.jsonl", "purpose": purpose, "status": "processed"}


def upload(seen):
    """Takes a file of requests only if each of its lines is one."""
    parts = read_form(seen.body, seen.header("content-type"))
    if parts["purpose"] == b"batch":
        for line in parts["file"].splitlines():
            request = json.loads(line)
            for name in ("custom_id", "method", "url", "body"):
                if name not in request:
                    raise Fault(400, f"a line has no {name}")
    return reply(file_object(purpose=parts["purpose"].decode()))


def batch(status, **more):
    return {"id": BATCH, "object": "batch", "endpoint": "/v1/chat/completions",
            "input_file_id": FILE, "completion_window": "24h", "status": status,
            "created_at": 1790000000, "expires_at": 1790086400, "model": "gpt-4o-mini",
            "request_counts": {"total": 1, "completed": 0, "failed": 0}, **more}


def done():
    return batch("completed", output_file_id="file-2", completed_at=1790000100,
                 request_counts={"total": 1, "completed": 1, "failed": 0},
                 usage={"input_tokens": 12, "input_tokens_details": {"cached_tokens": 0},
                        "output_tokens": 3, "output_tokens_details": {"reasoning_tokens": 0},
                        "total_tokens": 15})


def output(seen, id):
    line = {"id": "req_1", "custom_id": "one", "error": None, "response": {
        "status_code": 200, "request_id": "r1", "body": {
            "id": "cmpl-1", "object": "chat.completion", "created": 1790000050,
            "model": "gpt-4o-mini", "choices": [{"index": 0, "finish_reason": "stop", "message": {
                "role": "assistant", "content": "Hello"}}],
            "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}}}}
    return Answer(content_type="application/octet-stream", body=json.dumps(line).encode() + b"\n")


def video(status, **more):
    return {"id": VIDEO, "object": "video", "created_at": 1790000000, "completed_at": None,
            "error": None, "expires_at": None, "model": "sora-2", "progress": 0, "prompt": "Hi",
            "remixed_from_video_id": None, "seconds": "4", "size": "720x1280", "status": status,
            **more}


ROWS = [
    Row("POST", "/v1/files", upload, {"file": bytes, "purpose": bytes},
        "expires_after[anchor] expires_after[seconds]", form=True),
    Row("GET", "/v1/files/{id}", lambda seen, id: reply(file_object(id))),
    Row("GET", "/v1/files/{id}/content", output),
    Row("POST", "/v1/batches", reply(batch("validating")),
        {"input_file_id": str, "endpoint": str, "completion_window": str},
        "metadata output_expires_after"),
    Row("GET", "/v1/batches/{id}", lambda seen, id: reply(done())),
    Row("POST", "/v1/batches/{id}/cancel", lambda seen, id: reply(batch("cancelling"))),
    Row("POST", "/v1/videos", reply(video("queued")), {"prompt": bytes},
        "input_reference model seconds size", form=True),
    Row("GET", "/v1/videos/{id}", lambda seen, id: reply(
        video("completed", progress=100, completed_at=1790000060))),
]
