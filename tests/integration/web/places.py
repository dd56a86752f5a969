# SPDX-License-Identifier: GPL-3.0-or-later
"""The places that an attack from the web needs, all on loopback: a site that serves the attacker's
pages, a resolver whose names change, and a vault that trusts whoever reaches it.

The resolver is a SOCKS server: the browser leaves all names to it, and its own addresses of
loopback (127.0.0.1, localhost, [::1]) it asks directly. The trusting vault takes every request,
allows every origin, and notes what arrived: it shows that an attack is one.
"""
import asyncio
import re
import threading
import urllib.parse
from pathlib import Path

HERE = Path(__file__).parent
SITE = "127.0.0.2"
TYPES = {".js": "text/javascript", ".html": "text/html"}


class Hit:
    """What arrived at the trusting vault."""

    def __init__(self, method, target, body):
        self.method = method
        self.body = body
        self.row = row_of(target)


def row_of(url):
    """The number of the row that a URL was made for."""
    found = re.search(r"[?&]row=(\d+)", url)
    return int(found[1]) if found else None


class Places:
    def __init__(self):
        self.names = {}      # name → address on loopback; a name that is not there has none
        self.hits = []
        self.asked = []      # names that were looked up
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._servers = {}
        self.port = self.listen(self._site, [SITE, "127.0.0.1"])
        self.trusting_port = self.listen(self._trusting, ["127.0.0.1", "::1"])
        self.socks_port = self.listen(self._socks, ["127.0.0.1"])

    def listen(self, serve, addresses, port=0):
        """Serves at a port, the same on all addresses; returns it."""
        return self._do(self._listen(serve, addresses, port))

    def serve_site(self, addresses, port=0):
        return self.listen(self._site, addresses, port)

    def leave(self, port, address):
        """Gives a port of an address back, so that another program can take it."""
        self._do(self._leave(port, address))

    def close(self):
        for port, address in list(self._servers):
            self.leave(port, address)
        self._do(self._end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _listen(self, serve, addresses, port):
        for address in addresses:
            server = await asyncio.start_server(serve, address, port)
            port = server.sockets[0].getsockname()[1]
            self._servers[port, address] = server
        return port

    async def _leave(self, port, address):
        server = self._servers.pop((port, address))
        server.close()
        await asyncio.sleep(0)

    async def _end_tasks(self):
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # HTTP: one request a connection, so that a name that changed is looked up again.

    async def _request(self, reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, target, _ = head.split("\r\n", 1)[0].split(" ")
        headers = {name.lower(): value.strip() for name, _, value in
                   (line.partition(":") for line in head.split("\r\n")[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        return method, target, headers, body

    async def _answer(self, writer, status, headers, body):
        head = f"HTTP/1.1 {status} Said\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(head.encode() + b"\r\n" + body)
        await writer.drain()

    async def _site(self, reader, writer):
        try:
            _, target, _, _ = await self._request(reader)
            path, _, query = target.partition("?")
            # What is behind “to=” is the whole address, its own query included.
            options, _, to = query.partition("to=")
            options = dict(urllib.parse.parse_qsl(options))
            to = urllib.parse.unquote(to)
            status, headers, body = 200, {"Access-Control-Allow-Origin": "*",
                                          "Access-Control-Allow-Headers": "*"}, b""
            if path == "/redirect":
                status, headers["Location"] = int(options["code"]), to
            elif path == "/report":
                headers |= {"Content-Type": "text/html",
                            "Content-Security-Policy": f"img-src 'none'; report-uri {to}"}
                body = b"<img src=/x.png>"
            elif path == "/refresh":
                headers |= {"Content-Type": "text/html", "Refresh": f"0; url={to}"}
            elif path == "/hints":
                headers |= {"Content-Type": "text/html",
                            "Link": f"<{to}>; rel=preload; as=script, <{to}>; rel=stylesheet"}
            else:
                file = HERE / (path.strip("/").split("/")[0] or "page.html")
                if file.suffix in TYPES and file.exists():
                    headers["Content-Type"] = TYPES[file.suffix]
                    body = file.read_bytes()
                else:
                    status = 404
            await self._answer(writer, status, headers, body)
        except (OSError, ValueError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _trusting(self, reader, writer):
        try:
            method, target, headers, body = await self._request(reader)
            self.hits.append(Hit(method, target, body))
            await self._answer(writer, 200, {
                "Access-Control-Allow-Origin": headers.get("origin", "*"),
                "Access-Control-Allow-Credentials": "true",
                "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
                "Access-Control-Allow-Headers":
                    headers.get("access-control-request-headers", "content-type"),
                "Access-Control-Allow-Private-Network": "true",
                "Content-Type": "text/plain"}, b"the vault's answer")
        except (OSError, ValueError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    # SOCKS 5, as far as a browser uses it: no login, CONNECT by name or address.

    async def _socks(self, reader, writer):
        try:
            _, n_methods = await reader.readexactly(2)
            await reader.readexactly(n_methods)
            writer.write(b"\x05\x00")
            _, _, _, kind = await reader.readexactly(4)
            if kind == 3:
                name = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
            elif kind == 1:
                name = ".".join(str(byte) for byte in await reader.readexactly(4))
            else:
                await reader.readexactly(16)
                name = "an address of IPv6"
            port = int.from_bytes(await reader.readexactly(2), "big")
            self.asked.append(name)
            address = self.names.get(name)
            if address is None:
                writer.write(b"\x05\x04\x00\x01" + bytes(6))
                await writer.drain()
                return
            try:
                far_reader, far_writer = await asyncio.open_connection(address, port)
            except OSError:
                writer.write(b"\x05\x05\x00\x01" + bytes(6))
                await writer.drain()
                return
            writer.write(b"\x05\x00\x00\x01" + bytes(6))
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _pump(self, reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()
