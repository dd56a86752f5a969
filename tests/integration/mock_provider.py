# SPDX-License-Identifier: GPL-3.0-or-later
"""A strict stand-in for the providers' servers, on loopback, as the vendors' APIs answer.

It records each request to the byte (head and body) so that a test can say what reached the
provider; mocks/ has what each vendor takes and answers, and what was wrong is kept in `faults`.
It is asyncio on a thread of its own; one connection carries requests in turn, as in HTTP/1.1.
"""
import asyncio
import dataclasses
import threading

from mocks import VENDORS, Answer, Seen, sse
from mocks.strict import KEYS, Fault, check_head

__all__ = ["Answer", "MockProvider", "Seen", "sse"]


def as_asked(seen, answer):
    """Streams one by one what is to be said slowly, and one part of it often at length."""
    if answer.pieces is None:
        return answer
    if b"Say it slowly" in seen.body:
        return dataclasses.replace(answer, pause=0.2)
    if b"Say it at length" in seen.body:
        middle = (len(answer.pieces) - 1) // 2
        pieces = [*answer.pieces[:middle], *answer.pieces[middle:middle + 1] * 3000,
                  *answer.pieces[middle + 1:]]
        return dataclasses.replace(answer, pieces=pieces, pause=0)
    return answer


class MockProvider:
    KEY = KEYS

    def __init__(self):
        self.seen = []
        self.faults = []  # of (target, what was wrong)
        self.open_streams = 0
        self.aborted = 0
        self.routes = {}
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    def base_url(self, provider):
        """The address to give to Okap in place of the provider's own."""
        vendor = VENDORS.get(provider)
        return f"http://127.0.0.1:{self.port}/{provider}" + (vendor.root if vendor else "/v1")

    def package_url(self, provider):
        """The address to give to the vendor's own package."""
        vendor = VENDORS[provider]
        return f"http://127.0.0.1:{self.port}/{provider}" + (
            vendor.root if vendor.base is None else vendor.base)

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
        name, _, path = seen.path[1:].partition("/")
        vendor = VENDORS.get(name, VENDORS["own"])
        try:
            made = self.routes.get((seen.method, seen.path))
            if made is None:
                answer = vendor.answer(seen, "/" + path)
                return as_asked(seen, answer)
            check_head(seen)
            vendor.check_key(seen)
            return made(seen) if callable(made) else made
        except Fault as fault:
            self.faults.append((f"{seen.method} {seen.target}", fault.message))
            return vendor.refuse(fault)
