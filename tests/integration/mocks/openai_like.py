# SPDX-License-Identifier: GPL-3.0-or-later
"""Chat completions and their neighbours, as many vendors copied them, each a little differently.

What differs is in a `Dialect`: the members that the vendor's types know beside the common ones,
and where usage stands in a stream.
"""
import base64
import json
import struct
from dataclasses import dataclass, replace

from .strict import Answer, Each, Row, Vendor, reply, stream

TEXT = "Hello from the mock"
WORDS = ("Hello", " from", " the", " mock")
MESSAGES = Each(role=str)
COMMON = ("frequency_penalty logit_bias logprobs max_tokens n presence_penalty response_format "
          "seed stop stream temperature tool_choice tools top_p")
MORE = COMMON + (" function_call functions max_completion_tokens metadata parallel_tool_calls "
                 "reasoning_effort service_tier store top_logprobs user")
OPENAI = MORE + (" audio modalities moderation prediction prompt_cache_key prompt_cache_options "
                 "prompt_cache_retention safety_identifier stream_options verbosity "
                 "web_search_options")


def usage(**more):
    return {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15, **more}


def openai_usage():
    return usage(prompt_tokens_details={"cached_tokens": 4, "audio_tokens": 0},
                 completion_tokens_details={"reasoning_tokens": 0, "audio_tokens": 0,
                                            "accepted_prediction_tokens": 0,
                                            "rejected_prediction_tokens": 0})


@dataclass
class Dialect:
    may: str  # members of a chat body
    usage: object = usage  # function that makes the usage object
    in_stream: str = "last"  # where: "asked" for, in the "last" chunk, or as Groq's "x_groq"
    whole: dict = None  # members of a whole answer of chat that others have not
    message: dict = None  # members of its message
    text_more: dict = None  # members of a whole completion
    logprobs: bool = True  # whether a choice has them, as null
    role_once: bool = True  # the role stands only in the first chunk
    comments: tuple = ()  # before the first chunk


def completion(dialect, model, text=False):
    choice = {"index": 0, "finish_reason": "stop"}
    if text:
        choice["text"] = TEXT
        more = dialect.text_more or {}
    else:
        choice["message"] = {"role": "assistant", "content": TEXT, **(dialect.message or {})}
        more = dialect.whole or {}
    if dialect.logprobs:
        choice["logprobs"] = None
    return {"id": "cmpl-1", "object": "text_completion" if text else "chat.completion",
            "created": 1790000000, "model": model, "choices": [choice], "usage": dialect.usage(),
            **more}


def chunks(dialect, asked, text=False):
    """The chunks of a stream, without the end mark."""
    wanted = (asked.get("stream_options") or {}).get("include_usage")
    blank = {"usage": None} if dialect.in_stream == "asked" and wanted else {}
    base = {"id": "cmpl-1", "object": "text_completion" if text else "chat.completion.chunk",
            "created": 1790000000, "model": asked["model"], "system_fingerprint": "fp_1"}

    def chunk(word, reason=None):
        part = {"text": word or ""} if text else {"delta": {"content": word} if word else {}}
        if dialect.logprobs:
            part["logprobs"] = None
        return {**base, "choices": [{"index": 0, **part, "finish_reason": reason}], **blank}

    made = [chunk(word) for word in WORDS] + [chunk(None, "stop")]
    for spoken in [] if text else made[:1 if dialect.role_once else None]:
        spoken["choices"][0]["delta"]["role"] = "assistant"
    if dialect.in_stream == "x_groq":
        made[0]["x_groq"] = {"id": "req_1"}
        made[-1]["x_groq"] = {"id": "req_1", "usage": dialect.usage()}
    elif dialect.in_stream == "last":
        made[-1]["usage"] = dialect.usage()
    elif wanted:
        made.append({**base, "choices": [], "usage": dialect.usage()})
    return made


def chat(dialect, text=False):
    def answer(seen):
        asked = seen.json()
        if not asked.get("stream"):
            return reply(completion(dialect, asked["model"], text))
        return stream(*dialect.comments, *chunks(dialect, asked, text), "[DONE]")
    return answer


def embeddings(seen):
    asked = seen.json()
    items = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
    values = [0.25, -0.5, 1.0]
    if asked.get("encoding_format") == "base64":
        values = base64.b64encode(struct.pack("<3f", *values)).decode()
    return reply({"object": "list", "model": asked["model"], "data": [
        {"object": "embedding", "index": i, "embedding": values} for i in range(len(items))],
        "usage": {"prompt_tokens": 6, "total_tokens": 6}})


def model(name):
    return {"id": name, "object": "model", "created": 1790000000, "owned_by": "mock"}


def listed(*names):
    return reply({"object": "list", "data": [model(name) for name in names]})


SOUND = Answer(content_type="audio/mpeg", body=bytes(range(256)) * 20)
HEARD = {"text": TEXT}


def error(fault):
    return {"error": {"message": fault.message, "type": "mock_refused", "param": None,
                      "code": str(fault.status)}}


def rows(dialect, root, models, text=True, **how):
    """The rows that every copy of this API has."""
    found = [
        Row("POST", f"{root}/chat/completions", chat(dialect),
            {"model": str, "messages": MESSAGES}, dialect.may, **how),
        Row("GET", f"{root}/models", listed(*models), **how),
        Row("GET", f"{root}/models/*", lambda seen: reply(model(
            seen.path.split("/models/")[1])), **how),
    ]
    if text:
        found.append(Row("POST", f"{root}/completions", chat(dialect, text=True),
                         {"model": str, "prompt": (str, list)},
                         COMMON + " best_of echo stream_options suffix user"))
    return found


def embedding_row(root, may="encoding_format user", answer=embeddings, **how):
    return Row("POST", f"{root}/embeddings", answer, {"model": str, "input": (str, list)}, may,
               **how)


# --- Groq

GROQ = Dialect(MORE + " citation_options compound_custom disable_tool_validation documents "
               "exclude_domains include_domains include_reasoning reasoning_format "
               "search_settings",
               usage=lambda: usage(queue_time=0.01, prompt_time=0.002, completion_time=0.01,
                                   total_time=0.012),
               in_stream="x_groq",
               whole={"system_fingerprint": "fp_1", "x_groq": {"id": "req_1"}})
GROQ_ROOT = "/openai/v1"
GROQ_ROWS = [
    Row("GET", GROQ_ROOT + "/models", replace(
        listed("openai/gpt-oss-20b", "whisper-large-v3"),
        headers={"x-ratelimit-limit-requests": "14400",
                 "x-ratelimit-remaining-requests": "14370"})),
] + rows(GROQ, GROQ_ROOT, ["openai/gpt-oss-20b", "whisper-large-v3"], text=False) + [
    embedding_row(GROQ_ROOT),
    Row("POST", f"{GROQ_ROOT}/audio/speech", SOUND,
        {"model": str, "input": str, "voice": str}, "response_format sample_rate speed"),
    Row("POST", f"{GROQ_ROOT}/audio/transcriptions",
        reply(HEARD), {"model": str, "file": bytes},
        "language prompt response_format temperature timestamp_granularities[] url", form=True),
    Row("POST", f"{GROQ_ROOT}/audio/translations", reply(HEARD),
        {"model": str, "file": bytes}, "prompt response_format temperature url", form=True),
]

# --- Cerebras

CEREBRAS = Dialect(COMMON + " clear_thinking disable_reasoning max_completion_tokens "
                   "min_completion_tokens min_tokens model_parameters parallel_tool_calls "
                   "prediction prompt_cache_key reasoning_effort reasoning_format service_tier "
                   "stream_options top_logprobs user",
                   usage=lambda: usage(prompt_tokens_details={"cached_tokens": 4}),
                   whole={"system_fingerprint": "fp_1", "time_info": {
                       "queue_time": 0.001, "prompt_time": 0.002, "completion_time": 0.003,
                       "total_time": 0.006, "created": 1790000000}},
                   text_more={"system_fingerprint": "fp_1"})
CEREBRAS_ROWS = rows(CEREBRAS, "/v1", ["gpt-oss-120b"]) + [
    Row("GET", "/v1/tcp_warming", reply({}))]

VENDORS = [
    Vendor("groq", "/openai/v1", GROQ_ROWS, error, base=""),
    Vendor("cerebras", "/v1", CEREBRAS_ROWS, error, base=""),
]
