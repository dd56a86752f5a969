# SPDX-License-Identifier: GPL-3.0-or-later
"""Cohere's API in both of its versions."""
import json

from . import openai_elsewhere
from .openai_like import MESSAGES, TEXT, WORDS
from .strict import Answer, Each, Row, Vendor, reply, stream

V2 = ("citation_options documents frequency_penalty k logprobs max_tokens p presence_penalty "
      "priority response_format safety_mode seed stop_sequences stream strict_tools temperature "
      "thinking tool_choice tools")
V1 = ("chat_history connectors conversation_id documents frequency_penalty k max_tokens p "
      "preamble presence_penalty prompt_truncation seed stop_sequences stream temperature tools")
BILLED = {"input_tokens": 7, "output_tokens": 4}
COUNTED = {"input_tokens": 70, "output_tokens": 4}  # more than what is billed


def usage():
    return {"billed_units": dict(BILLED), "tokens": dict(COUNTED), "cached_tokens": 0}


def meta(**billed):
    return {"api_version": {"version": "2"}, "billed_units": billed}


def chat(seen):
    if not seen.json().get("stream"):
        return reply({"id": "c1", "finish_reason": "COMPLETE", "usage": usage(),
                      "message": {"role": "assistant",
                                  "content": [{"type": "text", "text": TEXT}]}})
    events = [{"type": "message-start", "id": "c1", "delta": {"message": {"role": "assistant"}}},
        {"type": "content-start", "index": 0,
         "delta": {"message": {"content": {"type": "text", "text": ""}}}}]
    events += [{"type": "content-delta", "index": 0,
                "delta": {"message": {"content": {"text": word}}}} for word in WORDS]
    events += [{"type": "content-end", "index": 0},
               {"type": "message-end", "id": "c1",
                "delta": {"finish_reason": "COMPLETE", "usage": usage()}}]
    return stream(*events, "[DONE]", event_names=False)


def chat_v1(seen):
    done = {"response_id": "r1", "generation_id": "g1", "text": TEXT, "chat_history": [],
            "finish_reason": "COMPLETE",
            "meta": {**meta(**BILLED), "tokens": dict(COUNTED)}}
    if not seen.json().get("stream"):
        return reply(done)
    events = [{"event_type": "stream-start", "generation_id": "g1"}]
    events += [{"event_type": "text-generation", "text": word}
               for word in WORDS]
    events.append({"event_type": "stream-end", "finish_reason": "COMPLETE", "response": done})
    return Answer(content_type="application/stream+json", pause=0.002,
                  pieces=[json.dumps(event).encode() + b"\n" for event in events])


def embed(seen):
    texts = seen.json()["texts"]
    return reply({"id": "e1", "response_type": "embeddings_by_type", "texts": texts,
                  "embeddings": {"float": [[0.25, -0.5, 1.0] for _ in texts]},
                  "meta": meta(input_tokens=6)})


def embed_v1(seen):
    texts = seen.json()["texts"]
    return reply({"id": "e1", "response_type": "embeddings_floats", "texts": texts,
                  "embeddings": [[0.25, -0.5, 1.0] for _ in texts],
                  "meta": meta(input_tokens=6)})


def rerank(seen):
    return reply({"id": "rr1", "meta": meta(search_units=1), "results": [
        {"index": i, "relevance_score": 0.5}
        for i in range(len(seen.json()["documents"]))]})


def card(name):
    return {"name": name, "endpoints": ["chat", "embed"], "finetuned": False,
            "context_length": 128000, "tokenizer_url": "https://example.com/tokenizer.json",
            "default_endpoints": [], "is_deprecated": False, "features": ["tools"]}


def error(fault):
    return {"id": "err1", "message": fault.message}


ROWS = [
    Row("POST", "/v2/chat", chat, {"model": str, "messages": MESSAGES}, V2),
    Row("POST", "/v2/embed", embed, {"model": str, "input_type": str, "texts": Each(str)},
        "embedding_types images inputs max_tokens output_dimension priority truncate"),
    Row("POST", "/v2/rerank", rerank, {"model": str, "query": str, "documents": Each(str)},
        "max_tokens_per_doc priority top_n"),
    Row("POST", "/v2/audio/transcriptions", reply({"text": TEXT}),
        {"model": str, "language": str, "file": bytes}, "temperature", form=True),
    Row("POST", "/v1/chat", chat_v1, {"message": str}, "model " + V1),
    Row("POST", "/v1/embed", embed_v1, {"texts": Each(str)},
        "embedding_types images input_type model truncate"),
    Row("POST", "/v1/rerank", rerank, {"query": str, "documents": Each(str, dict)},
        "max_chunks_per_doc model rank_fields return_documents top_n"),
    Row("POST", "/v1/tokenize", reply({"tokens": [1, 2], "token_strings": ["a", "b"],
                                       "meta": {"api_version": {"version": "1"}}}),
        {"model": str, "text": str}),
    Row("POST", "/v1/detokenize", reply({"text": "ab",
                                         "meta": {"api_version": {"version": "1"}}}),
        {"model": str, "tokens": Each(int)}),
    Row("GET", "/v1/models", reply({"models": [card("command-r7b-12-2024")]}),
        query="page_size page_token endpoint default_only"),
    Row("GET", "/v1/models/{name}", lambda seen, name: reply(card(name))),
]

VENDOR = Vendor("cohere", "", ROWS + openai_elsewhere.COHERE, error)
