# SPDX-License-Identifier: GPL-3.0-or-later
"""A strict stand-in for the providers' servers, on loopback, as the vendors' APIs answer.

It records each request to the byte (head and body) so that a test can say what reached the
provider, and refuses what a provider would refuse: a wrong key, a wrong place for the key. It is
asyncio on a thread of its own; one connection carries requests in turn, as in HTTP/1.1.
"""
import asyncio
import json
import threading
from dataclasses import dataclass, field


@dataclass
class Seen:
    """One request as it arrived."""
    method: str
    target: str
    headers: list  # of (name in lower case, value)
    head: bytes
    body: bytes

    def header(self, name):
        values = [v for n, v in self.headers if n == name]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    def json(self):
        return json.loads(self.body)


@dataclass
class Answer:
    """What is sent back: whole, or in pieces with a pause (seconds) before each."""
    status: int = 200
    content_type: str = "application/json"
    body: bytes = b""
    pieces: list = None
    pause: float = 0.0
    headers: dict = field(default_factory=dict)
    cut_after: int = None  # break the connection after this many pieces


def sse(*events, event_names=False):
    pieces = []
    for event in events:
        text = event if isinstance(event, str) else json.dumps(event)
        name = f"event: {event['type']}\n" if event_names else ""
        pieces.append(f"{name}data: {text}\n\n".encode())
    return pieces


class MockProvider:
    KEY = {"openai": "sk-proj-CanaryOpenAI0123456789abcdefghijT3BlbkFJ0123456789",
           "anthropic": "sk-ant-api03-CanaryAnthropic" + "0123456789" * 8,
           "google": "AIzaCanaryGoogle0123456789abcdefghijk012",
           "other": "CanaryOther0123456789abcdef"}

    def __init__(self):
        self.seen = []
        self.open_streams = 0
        self.aborted = 0
        self.routes = {}
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    # Addresses to give to Okap in place of the providers' own.
    def base_url(self, provider):
        return f"http://127.0.0.1:{self.port}" + {
            "openai": "/openai/v1", "anthropic": "/anthropic/v1", "google": "/google",
        }.get(provider, f"/{provider}/v1")

    def on(self, method, path, answer):
        """Sets the answer (or a function of Seen that makes it) for one path."""
        self.routes[method, path] = answer

    def close(self):
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)

    def _run(self):
        asyncio.run(self._serve())

    async def _serve(self):
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0, limit=1 << 20,
                                            backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()

    async def _connection(self, reader, writer):
        try:
            while True:
                seen = await self._read_request(reader)
                if seen is None:
                    break
                self.seen.append(seen)
                answer = self._answer(seen)
                if not await self._send(writer, answer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            self.aborted += 1
        except asyncio.CancelledError:
            pass  # the test is over
        finally:
            writer.close()

    async def _read_request(self, reader):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        lines = head[:-4].decode("latin-1").split("\r\n")
        method, target, version = lines[0].split(" ")
        assert version == "HTTP/1.1", version
        headers = []
        for line in lines[1:]:
            name, value = line.split(":", 1)
            headers.append((name.lower(), value.strip()))
        names = dict(headers)
        body = b""
        if "content-length" in names:
            body = await reader.readexactly(int(names["content-length"]))
        elif names.get("transfer-encoding") == "chunked":
            while True:
                size = int((await reader.readuntil(b"\r\n")).strip(), 16)
                body += await reader.readexactly(size)
                await reader.readexactly(2)
                if size == 0:
                    break
        return Seen(method, target, headers, head, body)

    async def _send(self, writer, answer):
        extra = "".join(f"{n}: {v}\r\n" for n, v in answer.headers.items())
        head = f"HTTP/1.1 {answer.status} Mock\r\nContent-Type: {answer.content_type}\r\n{extra}"
        if answer.pieces is None:
            writer.write(head.encode() + f"Content-Length: {len(answer.body)}\r\n\r\n".encode()
                         + answer.body)
            await writer.drain()
            return True
        writer.write(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        self.open_streams += 1
        try:
            for i, piece in enumerate(answer.pieces):
                if answer.cut_after is not None and i == answer.cut_after:
                    writer.transport.abort()
                    return False
                if answer.pause:
                    await asyncio.sleep(answer.pause)
                writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                await writer.drain()
                if writer.transport.is_closing():
                    raise ConnectionResetError
            writer.write(b"0\r\n\r\n")
            await writer.drain()
            return True
        finally:
            self.open_streams -= 1

    def _answer(self, seen):
        path = seen.target.split("?")[0]
        refused = self._check_key(seen, path)
        if refused:
            return refused
        answer = self.routes.get((seen.method, path))
        if answer is None:
            answer = DEFAULT_ROUTES.get((seen.method, path))
        if answer is None:
            return Answer(404, body=json.dumps({"error": {
                "message": f"mock has no {seen.method} {path}", "type": "not_found"}}).encode())
        return answer(seen) if callable(answer) else answer

    def _check_key(self, seen, path):
        """The key must stand where the vendor wants it, and nowhere else."""
        provider = path.split("/")[1]
        places = {"authorization": seen.header("authorization"),
                  "x-api-key": seen.header("x-api-key"),
                  "x-goog-api-key": seen.header("x-goog-api-key")}
        wanted = {"anthropic": ("x-api-key", self.KEY["anthropic"]),
                  "google": ("x-goog-api-key", self.KEY["google"]),
                  "openai": ("authorization", "Bearer " + self.KEY["openai"]),
                  }.get(provider, ("authorization", "Bearer " + self.KEY["other"]))
        right = places.pop(wanted[0]) == wanted[1] and not any(places.values())
        if right and "key=" not in seen.target:
            return None
        return Answer(401, body=json.dumps({"error": {
            "message": "mock: wrong key or wrong place", "type": "authentication_error"}}).encode())


def _chat(seen):
    asked = seen.json()
    usage = {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15,
             "prompt_tokens_details": {"cached_tokens": 4}}
    if not asked.get("stream"):
        return Answer(body=json.dumps({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": asked["model"],
            "choices": [{"index": 0, "finish_reason": "stop",
                         "message": {"role": "assistant", "content": "Hello from the mock"}}],
            "usage": usage}).encode())
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1,
             "model": asked["model"]}
    events = [dict(chunk, choices=[{"index": 0, "delta": {"content": word}}])
              for word in ("Hello", " from", " the", " mock")]
    events.append(dict(chunk, choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]))
    if (asked.get("stream_options") or {}).get("include_usage"):
        events.append(dict(chunk, choices=[], usage=usage))
    return Answer(content_type="text/event-stream", pieces=sse(*events, "[DONE]"), pause=0.005)


def _responses(seen):
    asked = seen.json()
    response = {"id": "resp_1", "object": "response", "created_at": 1, "status": "completed",
                "model": asked["model"], "output": [
                    {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
                     "content": [{"type": "output_text", "text": "Hello", "annotations": []}]}],
                "usage": {"input_tokens": 20, "output_tokens": 5, "total_tokens": 25,
                          "input_tokens_details": {"cached_tokens": 0},
                          "output_tokens_details": {"reasoning_tokens": 2}}}
    if not asked.get("stream"):
        return Answer(body=json.dumps(response).encode())
    return Answer(content_type="text/event-stream", pieces=sse(
        {"type": "response.created", "sequence_number": 0,
         "response": dict(response, status="in_progress", usage=None)},
        {"type": "response.output_text.delta", "sequence_number": 1, "item_id": "msg_1",
         "output_index": 0, "content_index": 0, "delta": "Hello", "logprobs": []},
        {"type": "response.completed", "sequence_number": 2, "response": response},
        event_names=True))


def _messages(seen):
    asked = seen.json()
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": asked["model"],
               "content": [{"type": "text", "text": "Hello from the mock"}],
               "stop_reason": "end_turn", "stop_sequence": None,
               "usage": {"input_tokens": 10, "cache_creation_input_tokens": 3,
                         "cache_read_input_tokens": 2, "output_tokens": 4}}
    if not asked.get("stream"):
        return Answer(body=json.dumps(message).encode())
    start = dict(message, content=[], stop_reason=None,
                 usage=dict(message["usage"], output_tokens=1))
    return Answer(content_type="text/event-stream", pause=0.005, pieces=sse(
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0,
         "delta": {"type": "text_delta", "text": "Hello from"}},
        {"type": "content_block_delta", "index": 0,
         "delta": {"type": "text_delta", "text": " the mock"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
         "usage": {"output_tokens": 4}},
        {"type": "message_stop"}, event_names=True))


def _generate(text, last):
    answer = {"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}],
              "modelVersion": "gemini-2.5-flash"}
    answer["usageMetadata"] = {"promptTokenCount": 8, "candidatesTokenCount": 6 if last else 1,
                               "thoughtsTokenCount": 2, "totalTokenCount": 16}
    if last:
        answer["candidates"][0]["finishReason"] = "STOP"
    return answer


def _list(ids):
    return Answer(body=json.dumps({"object": "list", "has_more": False, "data": [
        {"id": i, "object": "model", "type": "model", "display_name": i, "created": 1,
         "created_at": "2026-01-01T00:00:00Z", "owned_by": "mock"} for i in ids]}).encode())


DEFAULT_ROUTES = {
    ("POST", "/openai/v1/chat/completions"): _chat,
    ("POST", "/openai/v1/responses"): _responses,
    ("GET", "/openai/v1/models"): _list(["gpt-4o", "gpt-4o-mini"]),
    ("POST", "/anthropic/v1/messages"): _messages,
    ("GET", "/anthropic/v1/models"): _list(["claude-sonnet-4-5"]),
    ("POST", "/google/v1/models/gemini-2.5-flash:generateContent"):
        lambda seen: Answer(body=json.dumps(_generate("Hello from the mock", True)).encode()),
    ("POST", "/google/v1/models/gemini-2.5-flash:streamGenerateContent"):
        lambda seen: Answer(content_type="text/event-stream", pause=0.005, pieces=sse(
            _generate("Hello from", False), _generate(" the mock", True))),
    ("GET", "/google/v1/models"): Answer(body=json.dumps({"models": [
        {"name": "models/gemini-2.5-flash", "displayName": "Flash"}]}).encode()),
    ("POST", "/own/v1/chat/completions"): _chat,
    ("GET", "/own/v1/models"): _list(["own-model"]),
}
