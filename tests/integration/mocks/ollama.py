# SPDX-License-Identifier: GPL-3.0-or-later
"""Ollama's own API: newline-delimited JSON, streamed unless the request says no."""
import json

from . import openai_elsewhere
from .openai_like import MESSAGES, TEXT, WORDS
from .strict import Answer, Row, Vendor, reply

WHEN = "2026-11-01T00:00:00.000000Z"
DETAILS = {"parent_model": "", "format": "gguf", "family": "llama", "families": ["llama"],
           "parameter_size": "3.2B", "quantization_level": "Q4_K_M"}


def counts():
    return {"done_reason": "stop", "total_duration": 5000000, "load_duration": 1000000,
            "prompt_eval_count": 11, "prompt_eval_duration": 1000000, "eval_count": 4,
            "eval_duration": 3000000}


def told(asked, piece, whole):
    """One answer or several, with the text as `piece(word)` puts it."""
    base = {"model": asked["model"], "created_at": WHEN}
    if asked.get("stream") is False:
        return reply({**base, **piece(TEXT), "done": True, **whole, **counts()})
    lines = [{**base, **piece(word), "done": False} for word in WORDS]
    lines.append({**base, **piece(""), "done": True, **whole, **counts()})
    return Answer(content_type="application/x-ndjson", pause=0.002,
                  pieces=[json.dumps(line).encode() + b"\n" for line in lines])


def chat(seen):
    return told(seen.json(), lambda text: {"message": {"role": "assistant", "content": text}}, {})


def generate(seen):
    return told(seen.json(), lambda text: {"response": text}, {"context": [1, 2, 3]})


def embed(seen):
    asked = seen.json()
    items = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
    return reply({"model": asked["model"], "embeddings": [[0.25, -0.5, 1.0] for _ in items],
                  "total_duration": 5000000, "load_duration": 1000000, "prompt_eval_count": 6})


def card(name, **more):
    return {"name": name, "model": name, "modified_at": WHEN, "size": 2019393189,
            "digest": "a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72",
            "details": DETAILS, **more}


def error(fault):
    return {"error": fault.message}


CHAT = "format keep_alive logprobs options stream think tools top_logprobs"
GENERATE = "context format images keep_alive options raw stream suffix system template think"
ROWS = [
    Row("POST", "/api/chat", chat, {"model": str, "messages": MESSAGES}, CHAT),
    Row("POST", "/api/generate", generate, {"model": str, "prompt": str}, GENERATE),
    Row("POST", "/api/embed", embed, {"model": str, "input": (str, list)},
        "dimensions keep_alive options truncate"),
    Row("POST", "/api/embeddings", reply({"embedding": [0.25, -0.5, 1.0]}),
        {"model": str, "prompt": str}, "keep_alive options"),
    Row("POST", "/api/show", reply({
        "license": "mock", "modelfile": "FROM mock", "parameters": "", "template": "",
        "details": DETAILS, "model_info": {"general.architecture": "llama"}, "modified_at": WHEN,
        "capabilities": ["completion"]}), {"model": str}, "options system template"),
    Row("GET", "/api/tags", reply({"models": [card("llama3.2:latest")]})),
    Row("GET", "/api/ps", reply({"models": [card("llama3.2:latest", size_vram=2019393189,
                                                 expires_at=WHEN)]})),
    Row("GET", "/api/version", reply({"version": "0.12.0"})),
]

VENDOR = Vendor("ollama", "", ROWS + openai_elsewhere.OLLAMA, error)
