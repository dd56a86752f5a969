# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenAI's API where others speak it: at vendors without a package of their own, beside the own API
of others, and at what the user adds."""
from .openai_like import OPENAI, Dialect, embedding_row, error, openai_usage, rows, usage
from .strict import Row, Vendor, reply

ASKED = Dialect(OPENAI, usage=openai_usage, in_stream="asked")
DEEPSEEK = Dialect(OPENAI + " thinking", in_stream="asked", usage=lambda: usage(
    prompt_cache_hit_tokens=4, prompt_cache_miss_tokens=8,
    completion_tokens_details={"reasoning_tokens": 0}))
# The cost is told, in units of 10^-10 dollars.
XAI = Dialect(OPENAI + " deferred search_parameters", in_stream="last", usage=lambda: usage(
    prompt_tokens_details={"cached_tokens": 4, "text_tokens": 12}, num_sources_used=0,
    completion_tokens_details={"reasoning_tokens": 0}, cost_in_usd_ticks=570000))
EMBEDDINGS = "dimensions encoding_format user"


def compatible(root, model, embeddings=True):
    """At a vendor with an API of its own; its key may stand in either's place."""
    found = rows(ASKED, root, [model], text=False, auth="any")
    if embeddings:
        found.append(embedding_row(root, EMBEDDINGS, auth="any"))
    return found


ANTHROPIC = compatible("/v1", "claude-sonnet-4-5", embeddings=False)[:1]
GOOGLE = compatible("/v1beta/openai", "gemini-2.5-flash")
COHERE = [row for row in compatible("/compatibility/v1", "command-r7b-12-2024")
          if row.method == "POST"]
OLLAMA = compatible("/v1", "llama3.2")
AZURE = compatible("/openai/v1", "gpt-4o-mini")
for row in rows(ASKED, "/openai/deployments/gpt-4o-mini", []):
    if row.method == "POST":
        row.query = "api-version"
        AZURE.append(row)

VENDORS = [
    Vendor("deepseek", "", rows(DEEPSEEK, "", ["deepseek-chat"]) + [
        Row("GET", "/user/balance", reply({"is_available": True, "balance_infos": [
            {"currency": "USD", "total_balance": "4.20", "granted_balance": "0.20",
             "topped_up_balance": "4.00"}]}))], error),
    Vendor("xai", "/v1", rows(XAI, "/v1", ["grok-4"]), error),
    Vendor("fireworks", "/inference/v1", rows(
        ASKED, "/inference/v1", ["accounts/fireworks/models/gpt-oss-120b"]), error),
    Vendor("sambanova", "/v1", rows(ASKED, "/v1", ["gpt-oss-120b"]), error),
    Vendor("azure-openai", "", AZURE, error, header="api-key", prefix=""),
    Vendor("own", "/v1", rows(ASKED, "/v1", ["own-model"]) + [embedding_row("/v1", EMBEDDINGS)],
           error),
]
