# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors' APIs, each as a table of rows: what a request must be, and what is answered."""
from . import (anthropic, anthropic_elsewhere, cohere, google, mistral, ollama, openai,
               openai_elsewhere, openai_like, openrouter, replicate, together)
from .strict import Answer, Seen, sse

VENDORS = {vendor.name: vendor for vendor in (
    openai.VENDOR, anthropic.VENDOR, google.VENDOR, mistral.VENDOR, cohere.VENDOR,
    replicate.VENDOR, openrouter.VENDOR, together.VENDOR, ollama.VENDOR, *openai_like.VENDORS,
    *openai_elsewhere.VENDORS)}
for name, row in anthropic_elsewhere.ROWS.items():
    VENDORS[name].rows.append(row)

__all__ = ["VENDORS", "Answer", "Seen", "sse"]
