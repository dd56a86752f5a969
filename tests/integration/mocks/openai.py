# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenAI's API: chat, responses, embeddings, images, audio, moderation."""
from . import openai_jobs
from .openai_like import (HEARD, OPENAI, SOUND, TEXT, Dialect, embedding_row, error,
                          openai_usage, rows)
from .strict import Row, Vendor, reply, stream

CHAT = Dialect(OPENAI, usage=openai_usage, in_stream="asked",
               whole={"service_tier": "default", "system_fingerprint": "fp_1"},
               message={"refusal": None, "annotations": []})
# One pixel.
PICTURE = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YA"
           "AAAASUVORK5CYII=")


def response_usage():
    return {"input_tokens": 20, "input_tokens_details": {"cached_tokens": 0,
                                                         "cache_write_tokens": 0},
            "output_tokens": 5, "output_tokens_details": {"reasoning_tokens": 2},
            "total_tokens": 25}


def message(status="completed", text="Hello"):
    content = [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}]
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": status,
            "content": content if status == "completed" else []}


def response(model="gpt-4o-mini", status="completed"):
    done = status == "completed"
    return {"id": "resp_1", "object": "response", "created_at": 1790000000, "status": status,
            "completed_at": 1790000001 if done else None,
            "access_programs": None, "error": None, "incomplete_details": None,
            "instructions": None, "metadata": {}, "model": model,
            "output": [message()] if done else [], "parallel_tool_calls": True,
            "temperature": 1.0, "tool_choice": "auto", "tools": [], "top_p": 1.0,
            "service_tier": "default", **({"usage": response_usage()} if done else {})}


def responses(seen):
    asked = seen.json()
    if not asked.get("stream"):
        return reply(response(asked["model"]))
    item = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    events = [
        {"type": "response.created", "response": response(asked["model"], "in_progress")},
        {"type": "response.output_item.added", "output_index": 0,
         "item": message("in_progress")},
        {"type": "response.content_part.added", **item, "part": part},
        {"type": "response.output_text.delta", **item, "delta": "Hello", "logprobs": []},
        {"type": "response.output_text.done", **item, "text": "Hello", "logprobs": []},
        {"type": "response.content_part.done", **item, "part": {**part, "text": "Hello"}},
        {"type": "response.output_item.done", "output_index": 0, "item": message()},
        {"type": "response.completed", "response": response(asked["model"])}]
    for i, event in enumerate(events):
        event["sequence_number"] = i
    return stream(*events, event_names=True)


def image_usage():
    return {"input_tokens": 9, "input_tokens_details": {"text_tokens": 9, "image_tokens": 0},
            "output_tokens": 272, "total_tokens": 281}


def images(seen):
    asked = seen.json() if not seen.header("content-type").startswith("multipart") else {}
    facts = {"background": "opaque", "output_format": "png", "quality": "low",
             "size": "1024x1024"}
    if not asked.get("stream"):
        return reply({"created": 1790000000, **facts, "data": [{"b64_json": PICTURE}],
                      "usage": image_usage()})
    event = {"b64_json": PICTURE, "created_at": 1790000000, **facts}
    return stream({"type": "image_generation.partial_image", **event, "partial_image_index": 0},
                  {"type": "image_generation.completed", **event, "usage": image_usage()},
                  event_names=True)


def heard_usage():
    return {"type": "tokens", "input_tokens": 14, "output_tokens": 4, "total_tokens": 18,
            "input_token_details": {"audio_tokens": 14, "text_tokens": 0}}


def transcription(seen):
    if b'name="stream"\r\n\r\ntrue' not in seen.body:
        return reply({**HEARD, "usage": heard_usage()})
    return stream({"type": "transcript.text.delta", "delta": "Hello"},
                  {"type": "transcript.text.delta", "delta": " from the mock"},
                  {"type": "transcript.text.done", "text": TEXT, "usage": heard_usage()},
                  event_names=True)


CATEGORIES = ("harassment harassment/threatening hate hate/threatening illicit illicit/violent "
              "self-harm self-harm/instructions self-harm/intent sexual sexual/minors violence "
              "violence/graphic").split()


def moderation(seen):
    return reply({"id": "modr-1", "model": seen.json()["model"], "results": [{
        "flagged": False, "categories": dict.fromkeys(CATEGORIES, False),
        "category_scores": dict.fromkeys(CATEGORIES, 0.01),
        "category_applied_input_types": dict.fromkeys(CATEGORIES, ["text"])}]})


RESPONSE = ("access_programs background context_management conversation image include "
            "instructions max_output_tokens max_tool_calls metadata moderation "
            "parallel_tool_calls previous_response_id prompt prompt_cache_key "
            "prompt_cache_options prompt_cache_retention reasoning safety_identifier service_tier "
            "store stream stream_options temperature text tool_choice tools top_logprobs top_p "
            "truncation user")
PICTURES = ("background complexity frame_count frame_duration_ms moderation n output_compression "
            "output_format partial_images quality response_format safety_identifier size stream "
            "style svg user")
INPUT = {"model": str, "input": (str, list)}

ROWS = rows(CHAT, "/v1", ["gpt-4o", "gpt-4o-mini"]) + [
    embedding_row("/v1", "dimensions encoding_format user"),
    Row("POST", "/v1/responses", responses, INPUT, RESPONSE),
    Row("POST", "/v1/responses/compact", lambda seen: reply({
        "id": "resp_2", "object": "response.compaction", "created_at": 1790000000,
        "output": [message()], "usage": response_usage()}), INPUT,
        "instructions previous_response_id prompt_cache_key service_tier"),
    Row("POST", "/v1/responses/input_tokens",
        reply({"object": "response.input_tokens", "input_tokens": 20}), INPUT,
        "conversation instructions parallel_tool_calls previous_response_id reasoning text "
        "tool_choice tools truncation"),
    Row("GET", "/v1/responses/{id}", lambda seen, id: reply({**response(), "id": id}),
        query="include stream starting_after"),
    Row("DELETE", "/v1/responses/{id}", lambda seen, id: reply(
        {"id": id, "object": "response", "deleted": True})),
    Row("POST", "/v1/responses/{id}/cancel",
        lambda seen, id: reply({**response(status="cancelled"), "id": id})),
    Row("GET", "/v1/responses/{id}/input_items", lambda seen, id: reply({
        "object": "list", "first_id": "msg_0", "last_id": "msg_0", "has_more": False, "data": [
            {"type": "message", "id": "msg_0", "role": "user", "status": "completed",
             "content": [{"type": "input_text", "text": "Hi"}]}]}),
        query="after include limit order"),
    Row("POST", "/v1/images/generations", images, {"model": str, "prompt": str}, PICTURES),
    Row("POST", "/v1/images/edits", images, {"model": str, "prompt": str, "image": bytes},
        PICTURES + " mask input_fidelity", form=True),
    Row("POST", "/v1/audio/speech", SOUND, {"model": str, "input": str, "voice": (str, dict)},
        "instructions response_format speed stream_format"),
    Row("POST", "/v1/audio/transcriptions", transcription, {"model": str, "file": bytes},
        "language prompt response_format stream temperature", form=True),
    Row("POST", "/v1/audio/translations", reply(HEARD), {"model": str, "file": bytes},
        "prompt response_format temperature", form=True),
    Row("POST", "/v1/moderations", moderation, {"input": (str, list)}, "model"),
]

VENDOR = Vendor("openai", "/v1", ROWS + openai_jobs.ROWS, error)
