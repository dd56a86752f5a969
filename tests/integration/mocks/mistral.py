# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistral's API: chat and fill-in-the-middle, OCR, moderation, audio, conversations."""
import base64

from .openai_like import MESSAGES, TEXT, WORDS
from .strict import Each, Fault, Row, Vendor, reply, stream

CHAT = ("frequency_penalty guardrails max_tokens metadata n parallel_tool_calls prediction "
        "presence_penalty prompt_cache_key prompt_mode random_seed reasoning_effort "
        "response_format safe_prompt service_tier stop stream temperature tool_choice tools top_p")
FIM = "max_tokens metadata min_tokens random_seed stop stream suffix temperature top_p"


def usage():
    return {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15,
            "prompt_tokens_details": {"cached_tokens": 4}}


def chat(seen):
    asked = seen.json()
    base = {"id": "cmpl1", "created": 1790000000, "model": asked["model"]}
    if not asked.get("stream"):
        return reply({**base, "object": "chat.completion", "usage": usage(), "choices": [
            {"index": 0, "finish_reason": "stop",
             "message": {"role": "assistant", "content": TEXT, "tool_calls": None}}]})
    events = [{**base, "object": "chat.completion.chunk", "choices": [
        {"index": 0, "delta": {"content": word}, "finish_reason": None}]} for word in WORDS]
    events[0]["choices"][0]["delta"]["role"] = "assistant"
    events.append({**base, "object": "chat.completion.chunk", "usage": usage(), "choices": [
        {"index": 0, "delta": {"content": ""}, "finish_reason": "stop"}]})
    return stream(*events, "[DONE]")


def embeddings(seen):
    asked = seen.json()
    return reply({"id": "emb1", "object": "list", "model": asked["model"], "data": [
        {"object": "embedding", "index": i, "embedding": [0.25, -0.5, 1.0]}
        for i in range(len(asked["input"]))],
        "usage": {"prompt_tokens": 6, "completion_tokens": 0, "total_tokens": 6}})


def moderation(seen):
    asked = seen.json()
    names = ("sexual", "hate_and_discrimination", "violence_and_threats", "pii")
    return reply({"id": "mod1", "model": asked["model"], "results": [
        {"categories": dict.fromkeys(names, False), "category_scores": dict.fromkeys(names, 0.01)}
        for _ in asked["input"]]})


def ocr(seen):
    asked = seen.json()
    if asked["document"].get("type") not in ("document_url", "image_url", "file"):
        raise Fault(422, "document.type was not expected")
    return reply({"model": asked["model"], "document_annotation": None, "pages": [
        {"index": 0, "markdown": "# Paper", "images": [],
         "dimensions": {"dpi": 200, "height": 2200, "width": 1700}}],
        "usage_info": {"pages_processed": 1, "doc_size_bytes": 1234}})


def transcription(seen):
    done = {"model": "voxtral-mini-latest", "text": TEXT, "language": "en", "segments": [],
            "usage": {"prompt_tokens": 4, "completion_tokens": 5, "total_tokens": 9,
                      "prompt_audio_seconds": 3}}
    if b'name="stream"\r\n\r\ntrue' not in seen.body:
        return reply(done)
    return stream({"type": "transcription.language", "audio_language": "en"},
                  {"type": "transcription.text.delta", "text": "Hello"},
                  {"type": "transcription.text.delta", "text": " from the mock"},
                  {**done, "type": "transcription.done"}, event_names=True)


def conversation(seen):
    return reply({"object": "conversation.response", "conversation_id": "conv_1",
                  "outputs": [{"object": "entry", "type": "message.output", "id": "msg_1",
                               "created_at": "2026-11-01T00:00:00Z",
                               "completed_at": "2026-11-01T00:00:01Z",
                               "model": seen.json()["model"], "role": "assistant",
                               "content": TEXT}],
                  "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15,
                            "connector_tokens": None, "connectors": None}})


def job(id="b1", status="RUNNING"):
    done = status == "SUCCESS"
    return {"id": id, "object": "batch", "input_files": ["f1"], "endpoint": "/v1/chat/completions",
            "model": "mistral-small-latest", "errors": [], "status": status,
            "created_at": 1790000000, "total_requests": 1, "completed_requests": int(done),
            "succeeded_requests": int(done), "failed_requests": 0,
            "output_file": "f2" if done else None}


CAPABILITIES = ("completion_chat function_calling reasoning completion_fim fine_tuning vision ocr "
                "classification moderation audio audio_transcription audio_transcription_realtime "
                "audio_speech unified_resources").split()


def model(name):
    return {"id": name, "object": "model", "created": 1790000000, "owned_by": "mistralai",
            "type": "base", "name": name, "description": "A mock", "max_context_length": 131072,
            "aliases": [], "deprecation": None, "default_model_temperature": 0.3,
            "internal": False,
            "capabilities": {n: n == "completion_chat" for n in CAPABILITIES}}


def error(fault):
    return {"object": "error", "message": fault.message, "type": "mock_refused", "param": None,
            "code": str(fault.status)}


ROWS = [
    Row("POST", "/v1/chat/completions", chat, {"model": str, "messages": MESSAGES}, CHAT),
    Row("POST", "/v1/fim/completions", chat, {"model": str, "prompt": str}, FIM),
    Row("POST", "/v1/embeddings", embeddings, {"model": str, "input": Each(str)},
        "encoding_format metadata output_dimension output_dtype"),
    Row("POST", "/v1/moderations", moderation, {"model": str, "input": (str, list)}, "metadata"),
    Row("POST", "/v1/chat/moderations", moderation, {"model": str, "input": Each(list)}),
    Row("POST", "/v1/ocr", ocr, {"model": str, "document": dict},
        "bbox_annotation_format document_annotation_format image_limit include_blocks "
        "include_image_base64 pages table_format"),
    Row("POST", "/v1/audio/speech",
        reply({"audio_data": base64.b64encode(bytes(range(256))).decode()}),
        {"model": str, "input": str}, "metadata ref_audio response_format stream voice_id"),
    Row("POST", "/v1/audio/transcriptions", transcription, {"model": str, "file": bytes},
        "context_bias diarize language stream temperature timestamp_granularities", form=True),
    Row("POST", "/v1/conversations", conversation, {"model": str, "inputs": (str, list)},
        "completion_args description instructions name store stream tools"),
    Row("POST", "/v1/batch/jobs", reply(job()), {"endpoint": str},
        "input_files metadata model requests timeout_hours"),
    Row("GET", "/v1/batch/jobs/{id}", lambda seen, id: reply(job(id, "SUCCESS")), query="inline"),
    Row("GET", "/v1/models", reply({"object": "list", "data": [model("mistral-small-latest")]}),
        query="provider model"),
    Row("GET", "/v1/models/{id}", lambda seen, id: reply(model(id))),
]

VENDOR = Vendor("mistral", "/v1", ROWS, error, base="")
