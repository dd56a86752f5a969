# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing outside a grant passes, however it is asked for.

Each grant here allows one model, or two, and one capability. Each attempt asks for something else
in one of the ways that gateways have been got round by: an alias, a prefix, another letter case,
a second place for the model, a request in a request. It has to be refused with the error that
fits, and the provider must not have seen a byte. `test_allowed` shows that the same grants work.
"""
import gzip
import json

import pytest

from mock_provider import MockProvider

GRANTS = {  # by name: provider, models, capabilities
    "openai": ("openai", ["gpt-4o-mini"], ["chat"]),
    "openai-prefix": ("openai", ["gpt-4o*"], ["chat"]),
    "openai-images": ("openai", ["gpt-4o-mini"], ["chat", "images", "audio", "embeddings"]),
    "openai-all": ("openai", [], ["chat"]),
    "anthropic": ("anthropic", ["claude-haiku-4-5"], ["chat"]),
    "google": ("google", ["gemini-2.5-flash"], ["chat"]),
    "google-embeddings": ("google", ["gemini-embedding-001"], ["embeddings"]),
    "openrouter": ("openrouter", ["openai/gpt-4o-mini"], ["chat"]),
    "replicate": ("replicate", ["acme/painter"], ["images"]),
    "replicate-all": ("replicate", [], ["images"]),
    "mistral": ("mistral", ["mistral-small-latest"], ["chat"]),
    "together": ("together", ["meta-llama/Llama-3"], ["chat"]),
    "groq": ("groq", ["groq/compound"], ["chat"]),
    "perplexity": ("perplexity", ["openai/gpt-5-mini"], ["chat"]),
    "cohere": ("cohere", ["command-r"], ["chat"]),
    "ollama": ("ollama", ["llama3.2"], ["chat"]),
    "azure-openai": ("azure-openai", ["my-gpt"], ["chat"]),
    "vercel": ("vercel", ["openai/gpt-4o-mini"], ["chat"]),
    "portkey": ("portkey", ["gpt-4o-mini"], ["chat"]),
    "litellm": ("litellm", ["gpt-4o-mini"], ["chat"]),
    "helicone": ("helicone", ["gpt-4o-mini"], ["chat"]),
}
MESSAGES = [{"role": "user", "content": "hello"}]
CHAT = {"model": "gpt-4o-mini", "messages": MESSAGES}
OTHER = {"model": "o3", "messages": MESSAGES}
CLAUDE = {"model": "claude-haiku-4-5", "max_tokens": 5, "messages": MESSAGES}
OPUS = {"model": "claude-opus-4-5", "max_tokens": 5, "messages": MESSAGES}
PARTS = {"contents": [{"parts": [{"text": "hello"}]}]}
FLASH = "/v1beta/models/gemini-2.5-flash:"
COMPLETIONS = "/chat/completions"

MODEL, UNKNOWN, ENDPOINT, CAPABILITY, INVALID = (
    "model_not_allowed", "model_unknown", "endpoint_not_allowed", "capability_not_allowed",
    "invalid_request")


def form(**fields):
    """A multipart body; a value of (name, text) is a file."""
    lines = []
    for name, value in fields.items():
        file = isinstance(value, tuple)
        lines += ["--B", f'Content-Disposition: form-data; name="{name}"'
                  + (f'; filename="{value[0]}"' if file else ""), "", value[1] if file else value]
    return "\r\n".join([*lines, "--B--", ""]), {"Content-Type": "multipart/form-data; boundary=B"}


def lines(*bodies, url="/v1/chat/completions"):
    return "\n".join(json.dumps({"custom_id": str(i), "method": "POST", "url": url, "body": body})
                     for i, body in enumerate(bodies))


def batch_file(*bodies, **kwargs):
    return form(purpose="batch", file=("a.jsonl", lines(*bodies, **kwargs)))


# What is sent is a JSON value, raw text, or (body, headers). The method is POST unless it is named.
# The error is None where several fit.
ATTEMPTS = [
    # the name of the model
    ("openai", COMPLETIONS, OTHER, MODEL),
    ("openai", COMPLETIONS, dict(CHAT, model="openai/o3"), MODEL),
    ("openai", COMPLETIONS, dict(CHAT, model="openai/openai/gpt-4o-mini"), MODEL),
    ("openai", COMPLETIONS, dict(CHAT, model="OpenAI/gpt-4o-mini"), MODEL),
    ("openai", COMPLETIONS, dict(CHAT, model="GPT-4o-mini"), MODEL),
    ("openai", COMPLETIONS, dict(CHAT, model=" gpt-4o-mini"), MODEL),
    ("openai", COMPLETIONS, dict(CHAT, model="gpt-4o-mini "), MODEL),
    ("openai", COMPLETIONS, dict(CHAT, model="gpt-4o-mini\u0000"), None),
    ("openai", COMPLETIONS, dict(CHAT, model="gpt-4o-mini-2024-07-18"), MODEL),
    ("openai", COMPLETIONS, dict(CHAT, model="gpt-4o-min"), MODEL),
    ("openai", COMPLETIONS, dict(CHAT, model="gpt-4o-min*"), MODEL),
    ("openai", COMPLETIONS, dict(CHAT, model="*"), MODEL),
    ("openai", COMPLETIONS, dict(CHAT, model=""), INVALID),
    ("openai", COMPLETIONS, dict(CHAT, model=None), UNKNOWN),
    ("openai", COMPLETIONS, dict(CHAT, model=["gpt-4o-mini", "o3"]), UNKNOWN),
    ("openai", COMPLETIONS, dict(CHAT, model={"id": "o3"}), UNKNOWN),
    ("openai", COMPLETIONS, {"messages": MESSAGES}, UNKNOWN),
    ("openai", COMPLETIONS, dict(CHAT, model="gpt-4o-mini,o3"), MODEL),
    ("openai-prefix", COMPLETIONS, dict(CHAT, model="gpt-4o-mini, o3"), MODEL),
    ("openai-prefix", COMPLETIONS, dict(CHAT, model="ft:gpt-4o:acme"), MODEL),
    ("ollama", "/api/chat", dict(CHAT, model="llama3.3"), MODEL),
    ("ollama", "/api/chat", dict(CHAT, model="LLAMA3.2:70b"), MODEL),
    ("ollama", "/v1/chat/completions", dict(CHAT, model="llama3.2-cloud"), MODEL),

    # two names, or two places
    ("openai", COMPLETIONS, '{"model":"gpt-4o-mini","model":"o3","messages":[]}', INVALID),
    ("openai", COMPLETIONS, '{"model":"gpt-4o-mini","Model":"o3","messages":[]}', INVALID),
    ("openai", COMPLETIONS, '{"model":"gpt-4o-mini","mod\\u0065l":"o3","messages":[]}', INVALID),
    ("openai", COMPLETIONS + "?model=o3", CHAT, MODEL),
    ("openai", COMPLETIONS + "?MODEL=o3", CHAT, MODEL),
    ("openai", COMPLETIONS + "?x=1&mod%65l=o3", CHAT, MODEL),
    ("openai", COMPLETIONS + "?deployment=o3", CHAT, MODEL),
    ("openai", COMPLETIONS + "?engine=o3", CHAT, MODEL),
    ("azure-openai", "/openai/deployments/my-gpt/chat/completions?model=other", CHAT, MODEL),
    ("google", FLASH + "generateContent", dict(PARTS, model="models/gemini-2.5-pro"), MODEL),
    ("vercel", "/v4/ai/language-model", (
        {"prompt": []}, {"ai-language-model-id": "openai/o3"}), MODEL),
    ("vercel", "/v4/ai/language-model", (
        {"prompt": []}, {"ai-language-model-id": "openai/gpt-4o-mini", "ai-model-id": "x"}), MODEL),
    ("vercel", "/v4/ai/language-model", {"prompt": []}, UNKNOWN),
    ("vercel", "/v1/chat/completions", (
        dict(CHAT, model="openai/gpt-4o-mini"), {"ai-language-model-id": "o3"}), UNKNOWN),
    ("openai", "/audio/transcriptions", form(model="whisper-1", file=("a", "x")), CAPABILITY),
    ("openai-images", "/audio/transcriptions", form(model="whisper-1", file=("a", "x")), MODEL),
    ("openai-images", "/audio/transcriptions", form(file=("a", "x")), UNKNOWN),
    ("openai-images", "/images/edits", (
        form(model="gpt-4o-mini")[0].replace(
            "--B--", '--B\r\nContent-Disposition: form-data; name="model"\r\n\r\no3\r\n--B--'),
        {"Content-Type": "multipart/form-data; boundary=B"}), INVALID),

    # fallbacks, routers, tools
    ("openai", COMPLETIONS, dict(CHAT, models=["o3"]), MODEL),
    ("openai", COMPLETIONS, dict(CHAT, fallbacks=["o3"]), MODEL),
    ("openai-images", "/responses", dict(model="gpt-4o-mini", input="x", tools=[
        {"type": "image_generation"}]), UNKNOWN),
    ("openai-images", "/responses", dict(model="gpt-4o-mini", input="x", tools=[
        {"type": "image_generation", "model": "gpt-image-1"}]), MODEL),
    ("openai-all", "/responses", dict(model="gpt-4o-mini", input="x", tools=[
        {"type": "image_generation"}]), CAPABILITY),
    ("openai", "/responses", {"prompt": {"id": "pmpt_1"}, "input": "x"}, UNKNOWN),
    ("anthropic", "/v1/messages", dict(CLAUDE, fallbacks=[{"model": "claude-opus-4-5"}]), MODEL),
    ("anthropic", "/v1/messages", dict(CLAUDE, fallbacks="default"), UNKNOWN),
    ("anthropic", "/v1/messages", dict(CLAUDE, tools=[
        {"type": "advisor_20260301", "name": "advisor", "model": "claude-opus-4-5"}]), MODEL),
    ("openrouter", COMPLETIONS, dict(CHAT, model="openai/gpt-4o-mini", models=["openai/o3"]),
     MODEL),
    ("openrouter", COMPLETIONS, dict(CHAT, model="openai/gpt-4o-mini", route="fallback"), UNKNOWN),
    ("openrouter", COMPLETIONS, dict(CHAT, model="openai/gpt-4o-mini", plugins=[
        {"id": "auto-router"}]), UNKNOWN),
    ("openrouter", COMPLETIONS, dict(CHAT, model="openai/gpt-4o-mini:online"), MODEL),
    ("openrouter", COMPLETIONS, dict(CHAT, model="openrouter/auto"), MODEL),
    ("openrouter", COMPLETIONS, dict(CHAT, model="@preset/mine"), MODEL),
    ("openrouter", COMPLETIONS, {"messages": MESSAGES}, UNKNOWN),
    ("openrouter", COMPLETIONS, {"preset": "openai/gpt-4o-mini", "messages": MESSAGES}, UNKNOWN),
    ("openrouter", COMPLETIONS, {"agent_id": "openai/gpt-4o-mini", "messages": MESSAGES}, UNKNOWN),
    ("openrouter", COMPLETIONS, {"requests": [{"params": {"model": "openai/gpt-4o-mini"}}],
                                 "messages": MESSAGES}, UNKNOWN),
    ("openrouter", "/presets/mine/chat/completions", {"messages": MESSAGES}, MODEL),
    ("openrouter", "/presets/mine/chat/completions", dict(CHAT, model="openai/gpt-4o-mini"), MODEL),
    ("groq", "/openai/v1/chat/completions", dict(CHAT, model="groq/compound", compound_custom={
        "models": {"answering_model": "o3"}}), MODEL),
    ("vercel", "/v1/chat/completions", dict(CHAT, model="openai/gpt-4o-mini", providerOptions={
        "gateway": {"models": ["openai/o3"]}}), MODEL),
    ("perplexity", "/v1/responses", {"preset": "pro-search", "input": "x"}, MODEL),
    ("perplexity", "/v1/responses", {"model": "openai/gpt-5-mini", "preset": "pro-search",
                                     "input": "x"}, MODEL),
    ("portkey", COMPLETIONS, (CHAT, {"x-portkey-config": "pc-other"}), UNKNOWN),
    ("portkey", COMPLETIONS, (CHAT, {"x-portkey-provider": "@other"}), UNKNOWN),
    ("portkey", COMPLETIONS, dict(CHAT, model="@other/gpt-4o-mini"), MODEL),
    ("litellm", COMPLETIONS, dict(CHAT, fallbacks=[{"gpt-4o-mini": ["o3"]}]), MODEL),
    ("litellm", COMPLETIONS, dict(CHAT, api_base="https://example.com"), UNKNOWN),
    ("litellm", COMPLETIONS, dict(CHAT, user_config={"model_list": []}), UNKNOWN),
    ("helicone", "/v1/chat/completions", dict(CHAT, model="gpt-4o-mini,claude-opus-4-5"), MODEL),
    ("helicone", "/v1/chat/completions", (CHAT, {"helicone-fallbacks": "[]"}), UNKNOWN),

    # counting, listing, other endpoints of the same provider
    ("openai", "/responses/input_tokens", {"model": "o3", "input": "x"}, MODEL),
    ("anthropic", "/v1/messages/count_tokens", OPUS, MODEL),
    ("google", "/v1beta/models/gemini-2.5-pro:countTokens", PARTS, MODEL),
    ("google", FLASH + "countTokens", {"generateContentRequest": dict(
        PARTS, model="models/gemini-2.5-pro")}, MODEL),
    ("openai", "/embeddings", {"model": "gpt-4o-mini", "input": "x"}, CAPABILITY),
    ("openai", "/images/generations", {"model": "gpt-4o-mini", "prompt": "x"}, CAPABILITY),
    ("openai", "/completions", {"model": "gpt-4o-mini", "prompt": "x"}, CAPABILITY),
    ("openai-images", "/images/generations", {"prompt": "x"}, UNKNOWN),
    ("openai-images", "/videos", {"prompt": "x"}, UNKNOWN),
    ("openai", "/moderations", {"model": "gpt-4o-mini", "input": "x"}, CAPABILITY),
    ("openai", "/responses", {"model": "o3", "input": "x"}, MODEL),
    ("openai", "POST /models/gpt-4o-mini", CHAT, "method_not_allowed"),
    ("openai", "GET /models?model=o3", None, MODEL),
    ("openai", "GET /files", None, None),
    ("openai", "GET /organization/costs", None, ENDPOINT),
    ("openai", "/realtime/client_secrets", CHAT, ENDPOINT),
    ("openai", "/models/../chat/completions", OTHER, None),
    ("openai", "/models/%2e%2e/chat/completions", OTHER, None),
    ("openai", "/Chat/Completions", CHAT, ENDPOINT),
    ("openai", "/chat%2Fcompletions", CHAT, None),
    ("anthropic", "/v1/chat/completions", dict(CHAT, model="claude-opus-4-5"), MODEL),
    ("anthropic", "GET /v1/organizations/me", None, ENDPOINT),
    ("ollama", "/api/pull", {"model": "llama3.2"}, ENDPOINT),
    ("cohere", "/v1/chat", {"message": "x"}, UNKNOWN),
    ("cohere", "/v2/rerank", {"model": "command-r", "query": "x"}, CAPABILITY),
    ("mistral", "/v1/ocr", {"model": "mistral-ocr-latest"}, MODEL),

    # the path
    ("google", "/v1beta/models/gemini-2.5-pro:generateContent", PARTS, MODEL),
    ("google", "/v1beta/models/Gemini-2.5-Flash:generateContent", PARTS, MODEL),
    ("google", "/v1beta/models/gemini-2.5-pro%3AgenerateContent", PARTS, MODEL),
    ("google", "/v1beta/tunedModels/gemini-2.5-flash:generateContent", PARTS, MODEL),
    ("google", "/v1beta/models/gemini-2.5-flash:x:generateContent", PARTS, ENDPOINT),
    ("google", "/openai/chat/completions", dict(CHAT, model="gemini-2.5-pro"), MODEL),
    ("google", "/v1beta/interactions", {"agent": "deep-research-pro", "input": "x"}, MODEL),
    ("google", "/v1beta/interactions", {"input": "x"}, UNKNOWN),
    ("azure-openai", "/openai/deployments/other/chat/completions", CHAT, MODEL),
    ("azure-openai", "/openai/v1/chat/completions", dict(CHAT, model="other"), MODEL),
    ("replicate", "/models/acme/other/predictions", {"input": {}}, None),
    ("replicate", "/deployments/acme/painter/predictions", {"input": {}}, None),
    ("replicate", "/predictions", {"version": "0" * 64, "input": {}}, UNKNOWN),
    ("replicate", "/predictions", {"version": "acme/other:" + "0" * 64, "input": {}}, None),
    ("replicate", "/predictions", {"input": {}}, UNKNOWN),
    ("replicate", "/predictions", {"version": "acme/painter:1", "model": "acme/other",
                                   "input": {}}, MODEL),
    ("replicate-all", "/models/acme/painter/predictions", {
        "input": {}, "webhook": "https://example.com/"}, ENDPOINT),

    # agents and conversations: a model by another name, or by none
    ("mistral", "/v1/agents/completions", {"agent_id": "ag_1", "messages": MESSAGES}, MODEL),
    ("mistral", "/v1/conversations", {"agent_id": "ag_1", "inputs": "x"}, MODEL),
    ("mistral", "/v1/conversations/conv_1", {"inputs": "x"}, UNKNOWN),
    ("mistral", "/v1/conversations", {"model": "mistral-small-latest", "agent_id": "ag_1",
                                      "inputs": "x"}, MODEL),

    # requests in requests
    ("anthropic", "/v1/messages/batches", {"requests": [
        {"custom_id": "1", "params": CLAUDE}, {"custom_id": "2", "params": OPUS}]}, MODEL),
    ("anthropic", "/v1/messages/batches", {"requests": [
        {"custom_id": "1", "params": dict(CLAUDE, fallbacks=[{"model": "claude-opus-4-5"}])}]},
     MODEL),
    ("google", FLASH + "batchGenerateContent", {"batch": {"inputConfig": {"requests": {"requests": [
        {"request": dict(PARTS, model="models/gemini-2.5-pro")}]}}}}, MODEL),
    ("google", FLASH + "batchGenerateContent", {"batch": {"input_config": {
        "file_name": "files/x"}}}, UNKNOWN),
    ("google-embeddings", "/v1beta/models/gemini-embedding-001:batchEmbedContents", {"requests": [
        {"model": "models/gemini-embedding-001"}, {"model": "models/other"}]}, MODEL),
    ("mistral", "/v1/batch/jobs", {"endpoint": "/v1/chat/completions",
                                   "model": "mistral-large-latest", "input_files": ["f"]}, None),
    ("mistral", "/v1/batch/jobs", {"endpoint": "/v1/chat/completions", "requests": [
        {"body": {"model": "mistral-large-latest"}}]}, MODEL),
    ("openai", "/batches", {"input_file_id": "file-x", "endpoint": "/v1/chat/completions",
                            "completion_window": "24h"}, UNKNOWN),
    ("openai", "/batches", {"input_file_id": "file-x", "endpoint": "/v1/embeddings"}, None),
    ("openai", "/batches", {"input_file_id": "file-x", "endpoint": "/v1/fine_tuning/jobs"},
     ENDPOINT),
    ("together", "/batches", {"input_file_id": "file-x", "endpoint": "/v1/chat/completions",
                              "model_id": "other"}, None),
    ("openai", "/files", batch_file(CHAT, OTHER), MODEL),
    ("openai", "/files", batch_file({"model": "gpt-4o-mini"}, url="/v1/embeddings"), CAPABILITY),
    ("openai", "/files", batch_file(CHAT, url="/v1/organization/costs"), ENDPOINT),
    ("openai", "/files", form(purpose="batch", file=("a", '{"body":{"model":"gpt-4o-mini"},'
                                                     '"body":{"model":"o3"}}')), INVALID),

    # how the body is written
    ("openai", COMPLETIONS, (gzip.compress(json.dumps(OTHER).encode()), {
        "Content-Type": "application/json", "Content-Encoding": "gzip"}), UNKNOWN),
    ("openai", COMPLETIONS, (json.dumps(OTHER), {"Content-Type": "text/plain"}), MODEL),
    ("openai", COMPLETIONS, ('model=gpt-4o-mini&model=o3', {
        "Content-Type": "application/x-www-form-urlencoded"}), None),
    ("openai", COMPLETIONS, (json.dumps(CHAT) + "&model=o3", {
        "Content-Type": "application/x-www-form-urlencoded"}), None),
    ("openai", COMPLETIONS, json.dumps([OTHER]), INVALID),
    ("openai", COMPLETIONS, json.dumps(CHAT) + json.dumps(OTHER), INVALID),
    ("openai", COMPLETIONS, "\ufeff" + json.dumps(OTHER), INVALID),
    ("openai", COMPLETIONS, "", INVALID),
]


@pytest.fixture(scope="module")
def scope(shared_okap):
    """A vault with a key for each provider, and a token for each grant."""
    mock = MockProvider()
    for provider in sorted({provider for provider, _, _ in GRANTS.values()}):
        shared_okap.add_key(mock, provider)
    tokens = {name: shared_okap.authorize(provider, models, capabilities=capabilities)["token"]
              for name, (provider, models, capabilities) in GRANTS.items()}
    yield shared_okap, mock, tokens
    mock.close()


def send(scope, grant, target, what, provider=None):
    okap, _, tokens = scope
    method, _, path = target.rpartition(" ")
    body, headers = what if isinstance(what, tuple) else (what, {})
    if isinstance(body, str):
        body = body.encode()
    headers = dict({"Content-Type": "application/json"} if body is not None else {}, **headers)
    headers["Authorization"] = f"Bearer {tokens[grant]}"
    return okap.http(method or "POST", f"/v1/{provider or GRANTS[grant][0]}{path}", body, headers)


def assert_error(text, error):
    told = json.loads(text)["error"]
    if isinstance(told, str):  # Ollama's errors are a text alone
        assert {MODEL: "may not use the model", ENDPOINT: "does not pass"}[error] in told, text
    else:
        assert told["type"] == error, text


@pytest.mark.parametrize("grant, target, what, error", ATTEMPTS,
                         ids=[f"{i}-{a[0]}" for i, a in enumerate(ATTEMPTS)])
def test_refused(scope, grant, target, what, error):
    mock = scope[1]
    before = len(mock.seen)
    response, text = send(scope, grant, target, what)
    assert 400 <= response.status < 500 and response.status != 401, text
    if error is not None:
        assert_error(text, error)
    assert mock.seen[before:] == []


def test_enough():
    assert len(ATTEMPTS) >= 60


@pytest.mark.parametrize("provider", ["anthropic", "OpenAI", "openai.", "xopenai", "%6fpenai"])
def test_another_provider(scope, provider):
    mock = scope[1]
    before = len(mock.seen)
    response, text = send(scope, "openai", COMPLETIONS, CHAT, provider)
    assert response.status in (400, 403, 404), text
    assert mock.seen[before:] == []


@pytest.mark.parametrize("path", ["/v1/credits", "/v1/generation?id=1", "/v1/report"])
def test_origin_calls(scope, path):
    """Vercel's package leaves the base URL's path out: it is told so."""
    okap, mock, tokens = scope
    before = len(mock.seen)
    response, text = okap.http("GET", path, headers={
        "Authorization": f"Bearer {tokens['vercel']}"})
    assert response.status == 404 and "/v1/vercel" in json.loads(text)["error"]["message"]
    assert mock.seen[before:] == []


# What the same grants do allow, so that a refusal of everything would not pass for safety.
ALLOWED = [
    ("openai", COMPLETIONS, CHAT),
    ("openai", "/v1/chat/completions", dict(CHAT, model="openai/gpt-4o-mini")),
    ("openai", COMPLETIONS, dict(CHAT, metadata={"model": "o3"})),
    ("openai", COMPLETIONS, dict(CHAT, messages=[{"role": "user", "content": '{"model":"o3"}'}])),
    ("openai", COMPLETIONS, '{"messages":[{"role":"user","content":"x"}],'
     '"mod\\u0065l":"gpt-4o\\u002dmini"}'),
    ("openai-prefix", COMPLETIONS, dict(CHAT, model="gpt-4o-2024-08-06")),
    ("openai-all", COMPLETIONS, OTHER),
    ("anthropic", "/v1/messages", (CLAUDE, {"anthropic-version": "2023-06-01"})),
    ("google", "/v1/models/gemini-2.5-flash:generateContent", PARTS),
    ("ollama", "/api/chat", dict(CHAT, model="Llama3.2:latest", stream=False)),
]


@pytest.mark.parametrize("grant, target, what", ALLOWED)
def test_allowed(scope, grant, target, what):
    mock = scope[1]
    before = len(mock.seen)
    response, text = send(scope, grant, target, what)
    assert response.status == 200, text
    assert len(mock.seen) == before + 1
    if isinstance(what, dict):
        assert mock.seen[-1].json() == what


def test_batch_of_a_judged_file(scope):
    """The file's lines are what a batch is judged by, for the app that uploaded it."""
    okap, mock, tokens = scope
    other = okap.authorize("openai", ["gpt-4o-mini"], capabilities=["chat"])["token"]
    batch = {"endpoint": "/v1/chat/completions", "completion_window": "24h"}

    response, text = send(scope, "openai", "/files", batch_file(CHAT, CHAT))
    assert response.status == 200, text
    batch["input_file_id"] = json.loads(text)["id"]
    before = len(mock.seen)
    response, text = okap.http("POST", "/v1/openai/batches", batch, {
        "Authorization": f"Bearer {other}"})
    assert json.loads(text)["error"]["type"] == UNKNOWN and mock.seen[before:] == []
    response, text = send(scope, "openai", "/batches", dict(batch, endpoint="/v1/embeddings"))
    assert json.loads(text)["error"]["type"] == CAPABILITY and mock.seen[before:] == []
    response, text = send(scope, "openai", "/batches", batch)
    assert response.status == 200, text
    assert mock.seen[-1].method == "GET" or mock.seen[-1].json() == batch


def test_models_can_be_listed(scope):
    """A list is no call: it passes as it is, and what it names is refused when it is called."""
    response, text = send(scope, "openai", "GET /models", None)
    listed = [row["id"] for row in json.loads(text)["data"]]
    assert response.status == 200 and len(listed) > 1
    mock = scope[1]
    for model in listed:
        before = len(mock.seen)
        response, text = send(scope, "openai", COMPLETIONS, dict(CHAT, model=model))
        allowed = model == "gpt-4o-mini"
        assert (response.status == 200) == allowed, text
        assert len(mock.seen) == before + allowed


def test_token_in_the_path(scope):
    """For packages that send no key: it opens the same, is stripped, and is written nowhere."""
    okap, mock, tokens = scope
    before = len(mock.seen)
    token = tokens["ollama"]
    response, text = okap.http("POST", f"/v1/ollama/~{token}/api/chat",
                               dict(CHAT, model="llama3.2", stream=False))
    assert response.status == 200, text
    assert token[5:].encode() not in mock.seen[before].head + mock.seen[before].body
    response, text = okap.http("POST", f"/v1/ollama/~{token}/api/chat", dict(CHAT, model="other"))
    assert_error(text, MODEL)
    assert token[5:] not in text.decode() and len(mock.seen) == before + 1
    assert token[5:] not in okap.log()
    assert token[5:] not in okap.run("usage", "--json").stdout


def test_warming(scope):
    """Cerebras' package warms up its connection before anything: nobody is asked."""
    okap, mock, _ = scope
    before = len(mock.seen)
    response, _ = okap.http("GET", "/v1/cerebras/v1/tcp_warming")
    assert response.status == 200 and mock.seen[before:] == []
