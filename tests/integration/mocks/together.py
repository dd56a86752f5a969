# SPDX-License-Identifier: GPL-3.0-or-later
"""Together's API: OpenAI's with completions, images and lists of its own."""
import json

from .openai_like import (COMMON, HEARD, SOUND, TEXT, WORDS, Dialect, embedding_row, embeddings,
                          error, rows, usage)
from .strict import Each, Row, Vendor, reply, stream

CHAT = Dialect(COMMON + " chat_template_kwargs compliance context_length_exceeded_behavior "
               "echo function_call min_p reasoning reasoning_effort repetition_penalty "
               "safety_model top_k",
               message={"tool_calls": []}, whole={"prompt": []}, logprobs=False, role_once=False)


def completions(seen):
    asked = seen.json()
    base = {"id": "cmpl-1", "created": 1790000000}
    if not asked.get("stream"):
        return reply({**base, "object": "text.completion", "model": asked["model"], "prompt": [],
                      "choices": [{"text": TEXT, "finish_reason": "stop"}], "usage": usage()})
    events = [{**base, "object": "completion.chunk", "finish_reason": None, "usage": None,
               "token": {"id": i, "logprob": -0.5, "special": False, "text": word},
               "choices": [{"index": 0, "text": word}]} for i, word in enumerate(WORDS)]
    events[-1].update(finish_reason="stop", usage=usage())
    return stream(*events, "[DONE]")


def images(seen):
    return reply({"id": "img-1", "object": "list", "model": seen.json()["model"], "data": [
        {"index": 0, "type": "url", "url": "https://example.com/picture.jpg"}]})


def embeddings_alone(seen):
    made = json.loads(embeddings(seen).body)
    del made["usage"]
    return reply(made)


def rerank(seen):
    asked = seen.json()
    return reply({"id": "rr-1", "object": "rerank", "model": asked["model"], "results": [
        {"index": i, "relevance_score": 0.5, "document": {"text": text}}
        for i, text in enumerate(asked["documents"])], "usage": usage(completion_tokens=0)})


ROWS = rows(CHAT, "/v1", [], text=False) + [
    Row("POST", "/v1/completions", completions, {"model": str, "prompt": str},
        COMMON + " echo min_p repetition_penalty safety_model top_k"),
    embedding_row("/v1", "", embeddings_alone),
    Row("POST", "/v1/images/generations", images, {"model": str, "prompt": str},
        "disable_safety_checker guidance_scale height image_loras image_url n negative_prompt "
        "output_format reference_images response_format seed steps width"),
    Row("POST", "/v1/rerank", rerank,
        {"model": str, "query": str, "documents": Each(str, dict)},
        "rank_fields return_documents top_n"),
    Row("POST", "/v1/audio/speech", SOUND, {"model": str, "input": str, "voice": str},
        "bit_rate extra_params language response_encoding response_format sample_rate stream"),
    Row("POST", "/v1/audio/transcriptions", reply(HEARD), {"model": str, "file": bytes},
        "diarize language prompt response_format temperature", form=True),
    Row("POST", "/v1/audio/translations", reply(HEARD), {"model": str, "file": bytes},
        "language prompt response_format temperature", form=True),
]

MODELS = reply([{"id": "openai/gpt-oss-120b", "object": "model", "created": 1790000000,
                 "type": "chat", "display_name": "GPT-OSS 120B", "context_length": 131072}])
# Its list of models is a bare array.
ROWS = [row for row in ROWS if row.path != "/v1/models"] + [
    Row("GET", "/v1/models", MODELS, query="dedicated")]

VENDOR = Vendor("together", "/v1", ROWS, error)
