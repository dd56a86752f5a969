# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenRouter's API: OpenAI's, with the cost in every usage and comments in its streams."""
from . import openai
from .openai_like import MESSAGES, OPENAI, SOUND, TEXT, Dialect, chat, embeddings, usage
from .strict import Each, Row, Vendor, reply, stream

COST = {"cost": 0.0000042, "is_byok": False,
        "cost_details": {"upstream_inference_cost": None,
                         "upstream_inference_prompt_cost": 0.0000018,
                         "upstream_inference_completions_cost": 0.0000024}}
CHAT = Dialect(OPENAI + " cache_control debug image_config min_p models plugins provider reasoning "
               "repetition_penalty session_id stop_server_tools_when top_a top_k trace",
               usage=lambda: usage(**COST, prompt_tokens_details={"cached_tokens": 4},
                                   completion_tokens_details={"reasoning_tokens": 0}),
               whole={"system_fingerprint": None, "provider": "OpenAI"},
               message={"refusal": None, "reasoning": None},
               comments=(": OPENROUTER PROCESSING",))
RESPONSE_COST = {"cost": 0.0000042, "is_byok": False,
                 "cost_details": {"upstream_inference_cost": None,
                                  "upstream_inference_input_cost": 0.0000018,
                                  "upstream_inference_output_cost": 0.0000024}}


def response(model, status="completed"):
    made = {**openai.response(model, status), "frequency_penalty": 0, "presence_penalty": 0}
    if "usage" in made:
        made["usage"].update(RESPONSE_COST)
    return made


def responses(seen):
    asked = seen.json()
    if not asked.get("stream"):
        return reply(response(asked["model"]))
    return stream(
        ": OPENROUTER PROCESSING",
        {"type": "response.created", "sequence_number": 0,
         "response": response(asked["model"], "in_progress")},
        {"type": "response.output_text.delta", "sequence_number": 1, "item_id": "msg_1",
         "output_index": 0, "content_index": 0, "delta": "Hello", "logprobs": []},
        {"type": "response.completed", "sequence_number": 2,
         "response": response(asked["model"])}, "[DONE]")


def embedded(seen):
    answer = embeddings(seen)
    answer.body = answer.body.replace(b'"total_tokens": 6}', b'"total_tokens": 6, "cost": 1.2e-07}')
    return answer


def rerank(seen):
    asked = seen.json()
    return reply({"id": "rr-1", "model": asked["model"], "provider": "Cohere", "results": [
        {"index": i, "relevance_score": 0.5, "document": {"text": text}}
        for i, text in enumerate(asked["documents"])],
        "usage": {"cost": 0.002, "search_units": 1, "total_tokens": 8}})


def images(seen):
    return reply({"created": 1790000000,
                  "data": [{"b64_json": openai.PICTURE, "media_type": "image/png"}],
                  "usage": usage(cost=0.039, completion_tokens_details={"image_tokens": 3})})


def model(name):
    return {"id": name, "canonical_slug": name, "name": name, "created": 1790000000,
            "description": "A mock", "context_length": 128000, "default_parameters": None,
            "architecture": {"modality": "text->text", "input_modalities": ["text"],
                             "output_modalities": ["text"], "tokenizer": "GPT",
                             "instruct_type": None},
            "links": {"details": f"/api/v1/models/{name}/endpoints"}, "per_request_limits": None,
            "pricing": {"prompt": "0.00000015", "completion": "0.0000006"},
            "supported_parameters": ["temperature", "max_tokens"], "supported_voices": None,
            "top_provider": {"context_length": 128000, "is_moderated": True,
                             "max_completion_tokens": 16384}}


def error(fault):
    return {"error": {"code": fault.status, "message": fault.message, "metadata": {}}}


ROOT = "/api/v1"
ROWS = [
    Row("POST", ROOT + "/chat/completions", chat(CHAT), {"model": str, "messages": MESSAGES},
        CHAT.may),
    Row("POST", ROOT + "/responses", responses, openai.INPUT,
        openai.RESPONSE + " models plugins provider session_id trace"),
    Row("POST", ROOT + "/embeddings", embedded, {"model": str, "input": (str, list)},
        "dimensions encoding_format input_type provider session_id trace user"),
    Row("POST", ROOT + "/rerank", rerank,
        {"model": str, "query": str, "documents": Each(str, dict)},
        "provider session_id top_n trace user"),
    Row("POST", ROOT + "/images", images, {"model": str, "prompt": str},
        "aspect_ratio n provider resolution seed stream user"),
    Row("POST", ROOT + "/audio/speech", SOUND, {"model": str, "input": str},
        "input_references provider response_format session_id speed trace user voice"),
    Row("POST", ROOT + "/audio/transcriptions",
        reply({"text": TEXT, "usage": {"cost": 0.0001, "seconds": 3}}),
        {"model": str, "input_audio": dict}, "language provider response_format temperature"),
    Row("GET", ROOT + "/models", reply({"data": [model("openai/gpt-4o-mini")],
                                        "links": {"next": None}, "total_count": 1}),
        query="category supported_parameters offset limit"),
    Row("GET", ROOT + "/key", reply({"data": {
        "label": "sk-or-v1-0c…", "limit": 10.0, "limit_remaining": 9.5, "limit_reset": None,
        "usage": 0.5, "usage_daily": 0.1, "usage_weekly": 0.2, "usage_monthly": 0.5,
        "byok_usage": 0, "byok_usage_daily": 0, "byok_usage_weekly": 0, "byok_usage_monthly": 0,
        "include_byok_in_limit": False, "is_free_tier": False, "is_management_key": False,
        "is_provisioning_key": False, "creator_user_id": None, "organization_id": None,
        "workspace_id": None, "expires_at": None, "allowed_data_regions": [],
        "free_model_daily_requests": {"limit": 50, "remaining": 50, "used": 0},
        "rate_limit": {"interval": "10s", "note": "not enforced", "requests": -1}}})),
    Row("GET", ROOT + "/models/count", reply({"data": {"count": 1}})),
]

VENDOR = Vendor("openrouter", ROOT, ROWS, error)
