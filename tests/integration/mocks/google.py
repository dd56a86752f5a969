# SPDX-License-Identifier: GPL-3.0-or-later
"""Google's Gemini API: the model stands in the path, the version before it."""
import json

from . import openai_elsewhere
from .openai import PICTURE
from .openai_like import TEXT
from .strict import ANY, Answer, Each, Fault, Row, Vendor, read_json, reply, stream

CONTENTS = Each(parts=list)
MEMBERS = "cachedContent generationConfig safetySettings serviceTier store systemInstruction " \
          "toolConfig tools"


def generated(model, parts, last=True):
    answer = {"candidates": [{"content": {"role": "model", "parts": parts}, "index": 0}],
              "modelVersion": model, "responseId": "r1",
              "usageMetadata": {
                  "promptTokenCount": 8, "candidatesTokenCount": 6 if last else 1,
                  "thoughtsTokenCount": 2, "totalTokenCount": 16 if last else 11,
                  "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 8}]}}
    if last:
        answer["candidates"][0]["finishReason"] = "STOP"
    return answer


def generate(seen, version, model):
    if "image" not in model:
        return reply(generated(model, [{"text": TEXT}]))
    return reply(generated(model, [
        {"text": "Here"}, {"inlineData": {"mimeType": "image/png", "data": PICTURE}}]))


def generate_stream(seen, version, model):
    if ("alt", "sse") not in seen.query:
        raise Fault(400, "this mock streams only server-sent events")
    return stream(generated(model, [{"text": "Hello from"}], last=False),
                  generated(model, [{"text": " the mock"}]))


def embed(seen, version, model):
    return reply({"embedding": {"values": [0.25, -0.5, 1.0]}})


def embed_all(seen, version, model):
    requests = seen.json()["requests"]
    for i, request in enumerate(requests):
        if request["model"] != f"models/{model}":
            raise Fault(400, f"requests[{i}].model is another model")
    return reply({"embeddings": [{"values": [0.25, -0.5, 1.0]} for _ in requests]})


def interaction_usage():
    return {"total_input_tokens": 8, "total_output_tokens": 4, "total_thought_tokens": 2,
            "total_cached_tokens": 0, "total_tool_use_tokens": 0, "total_tokens": 14,
            "input_tokens_by_modality": [{"modality": "text", "tokens": 8}]}


def interactions(seen, version):
    asked = seen.json()
    step = {"type": "model_output", "content": [{"type": "text", "text": TEXT}]}
    base = {"id": "int_1", "model": asked["model"],
            "created": "2026-11-01T00:00:00Z", "updated": "2026-11-01T00:00:01Z"}
    done = {**base, "status": "completed", "usage": interaction_usage()}
    if not asked.get("stream"):
        return reply({**done, "steps": [step]})
    return stream(
        {"event_type": "interaction.created", "event_id": "1",
         "interaction": {**base, "status": "in_progress"}},
        {"event_type": "step.start", "event_id": "2", "index": 0,
         "step": {"type": "model_output"}},
        {"event_type": "step.delta", "event_id": "3", "index": 0,
         "delta": {"type": "text", "text": TEXT}},
        {"event_type": "step.stop", "event_id": "4", "index": 0},
        {"event_type": "interaction.completed", "event_id": "5", "interaction": done},
        event_names=True, name="event_type")


def card(name):
    return {"name": f"models/{name}", "version": "001", "displayName": name,
            "description": "A mock", "inputTokenLimit": 1048576, "outputTokenLimit": 65536,
            "supportedGenerationMethods": ["generateContent", "countTokens"]}


def file_object():
    return {"name": "files/f1", "mimeType": "audio/wav", "sizeBytes": "34", "state": "ACTIVE",
            "createTime": "2026-11-01T00:00:00Z", "updateTime": "2026-11-01T00:00:00Z",
            "expirationTime": "2026-11-03T00:00:00Z",
            "uri": "https://generativelanguage.googleapis.com/v1beta/files/f1"}


def upload(seen, version):
    """First the facts of the file, answered with an address; then its bytes, sent there."""
    command = seen.header("x-goog-upload-command")
    if command == "start":
        read_json(seen.body)
        length = seen.header("x-goog-upload-header-content-length")
        return Answer(body=b"{}", headers={"x-goog-upload-status": "active", "x-goog-upload-url":
                      f"http://{seen.header('host')}/google/upload/{version}/files"
                      f"?upload_id={length}&upload_protocol=resumable"})
    if command != "upload, finalize" or seen.header("x-goog-upload-offset") != "0":
        raise Fault(400, f"the command {command} was not expected")
    if str(len(seen.body)) != dict(seen.query).get("upload_id"):
        raise Fault(400, "the file has another length")
    return Answer(body=json.dumps({"file": file_object()}).encode(),
                  headers={"x-goog-upload-status": "final"})


def error(fault):
    return {"error": {"code": fault.status, "message": fault.message,
                      "status": "FAILED_PRECONDITION", "details": []}}


MODEL = "/{version}/models/{model}"
ROWS = [
    Row("POST", MODEL + ":generateContent", generate, {"contents": CONTENTS}, MEMBERS),
    Row("POST", MODEL + ":streamGenerateContent", generate_stream, {"contents": CONTENTS},
        MEMBERS, query="alt"),
    Row("POST", MODEL + ":countTokens",
        lambda seen, version, model: reply({"totalTokens": 8, "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 8}]}), {"contents": CONTENTS},
        "generateContentRequest"),
    Row("POST", MODEL + ":embedContent", embed, {"content": dict},
        "model taskType title outputDimensionality"),
    Row("POST", MODEL + ":batchEmbedContents", embed_all,
        {"requests": Each(model=str, content=dict)}),
    Row("POST", "/{version}/interactions", interactions, {"model": str, "input": (str, list)},
        "stream store tools generation_config system_instruction service_tier "
        "previous_interaction_id response_format background"),
    Row("POST", "/upload/{version}/files", upload, needs=ANY, query="upload_id upload_protocol"),
    Row("GET", "/{version}/files/{name}", lambda seen, version, name: reply(file_object())),
    Row("DELETE", "/{version}/files/{name}", lambda seen, version, name: reply({}), needs={}),
    Row("GET", "/{version}/models",
        lambda seen, version: reply({"models": [card("gemini-2.5-flash")]}),
        query="pageSize pageToken"),
    Row("GET", MODEL, lambda seen, version, model: reply(card(model))),
]

VENDOR = Vendor("google", "", ROWS + openai_elsewhere.GOOGLE, error, header="x-goog-api-key",
                prefix="")
