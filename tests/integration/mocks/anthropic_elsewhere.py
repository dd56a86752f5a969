# SPDX-License-Identifier: GPL-3.0-or-later
"""Anthropic's API where others speak it, beside their own."""
from .anthropic import MEMBERS, messages
from .openai_like import MESSAGES
from .strict import Row


def row(root):
    return Row("POST", f"{root}/messages", messages,
               {"model": str, "max_tokens": int, "messages": MESSAGES}, MEMBERS, query="beta")


# By vendor; the path is below what the mock of the vendor has as its root.
ROWS = {"openrouter": row("/api/v1"), "ollama": row("/v1"), "deepseek": row("/anthropic/v1"),
        "xai": row("/v1"), "fireworks": row("/inference/v1")}
