# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests as no honest program sends them (PROTOCOL section 5), each around a call that has an
effect where it is let through. The table of the unit tests (test-http-cases.h) says which fault is
found; this one says that nothing comes of it. A row is a change of one part of a good request.

P is the vault's port in what follows, and is replaced; so are PATH and METHOD in request lines.
"""
import json
import re

HOSTS = [
    "LOCALHOST:P", "Localhost:P", "localhost.:P", "localhost..:P", "127.0.0.1.:P", "127.1:P",
    "127.0.1:P", "127.000.000.001:P", "0177.0.0.1:P", "017700000001:P", "0x7f000001:P",
    "0x7f.0.0.1:P", "2130706433:P", "127.0.0.2:P", "0.0.0.0:P", "0:P", "[::]:P", "[::1]", "::1:P",
    "[::1:P", "::1]:P", "[::1%lo]:P", "[::1%25lo]:P", "[::1%1]:P", "[0:0:0:0:0:0:0:1]:P",
    "[::0001]:P", "[::01]:P", "[::ffff:127.0.0.1]:P", "[::ffff:7f00:1]:P", "[::127.0.0.1]:P",
    "[127.0.0.1]:P", "[localhost]:P", "[fe80::1%lo]:P", "localhost", "localhost:", "localhost:0",
    "localhost:P:P", "localhost:+P", "localhost:0P", "localhost: P", "localhost :P",
    "localhost\t:P", "localhost:P/", "localhost:P?", "localhost:P#", "localhost:P\\",
    "http://localhost:P", "//localhost:P", "/localhost:P", "user@localhost:P", "@localhost:P",
    "evil.example@localhost:P", "evil.example#@localhost:P", "evil.example\\@localhost:P",
    "localhost:P@evil.example", "localhost:P.evil.example", "localhost.evil.example:P",
    "localhostevil.example:P", "xlocalhost:P", "evil.example localhost:P", "localhost:P evil",
    "localhost:P,evil.example", "evil.example,localhost:P", "localhost;:P", '"localhost":P',
    "'localhost':P", "%6cocalhost:P", "localhost%00:P", "localhost%2e:P", "127%2e0.0.1:P",
    "local\u00adhost:P", "\uff4cocalhost:P", "127\u30020\u30020\u30021:P", "\u2460.0.0.1:P",
    "loc\u0430lhost:P", "localhost.localdomain:P", "okap.localhost:P", "ip6-localhost:P", "okap",
    "", "*", "null", "evil.example", "evil.example:P", "x" * 300 + ":P",
]
# Whole header lines in the place of Host.
HOST_LINES = [
    "", "Host: localhost:P\r\nHost: localhost:P", "Host: localhost:P\r\nHost: evil.example",
    "Host: evil.example\r\nHost: localhost:P", "Host: localhost:P\r\nhOsT: evil.example",
    "Host: localhost:P\r\nHost:", "Host:\r\nHost: localhost:P", "Host:\r\n localhost:P",
    "Host:\r\n\tlocalhost:P", "Host: localhost:P\r\n evil.example", "Host: localhost\r\n :P",
    "Host: evil.example\r\n Host: localhost:P", " Host: localhost:P", "Host : localhost:P",
    "Host\t: localhost:P", "Host localhost:P", "Host\x00: localhost:P", "Host: localhost:P\x00",
    "Host: localhost:P\x00evil", "Host: localhost:P\x0b", "Host: localhost:P\rHost: evil.example",
    "Host: localhost:P\nHost: evil.example", "A: b\nHost: localhost:P", "Host=localhost:P",
    "X-Forwarded-Host: localhost:P", ":authority: localhost:P", "Ho-st: localhost:P",
    "H\u00f6st: localhost:P", "Host: localhost:P\r\n: x", "Host: localhost:P\r\nA\x00: b",
    "Host: localhost:P\r\nA: b\x7f", "Host: localhost:P\r\nA B: c",
]
LINES = [
    "METHOD http://localhost:PPATH HTTP/1.1", "METHOD http://evil.example/PATH HTTP/1.1",
    "METHOD https://localhost:PPATH HTTP/1.1", "METHOD HTTP://localhost:PPATH HTTP/1.1",
    "METHOD //localhost:PPATH HTTP/1.1", "METHOD localhost:PPATH HTTP/1.1",
    "METHOD localhost:P HTTP/1.1", "METHOD * HTTP/1.1", "METHOD xPATH HTTP/1.1",
    "METHOD file://PATH HTTP/1.1", "METHOD http:PATH HTTP/1.1", "METHOD ?PATH HTTP/1.1",
    "METHOD /x/..PATH HTTP/1.1", "METHOD /.PATH HTTP/1.1", "METHOD /%2e%2ePATH HTTP/1.1",
    "METHOD /x/%2E.PATH HTTP/1.1", "METHOD /%2ePATH HTTP/1.1", "METHOD /PATH HTTP/1.1",
    "METHOD \\PATH HTTP/1.1", "METHOD PATH%00 HTTP/1.1", "METHOD PATH\x00 HTTP/1.1",
    "METHOD PATH%5c HTTP/1.1", "METHOD PATH\\ HTTP/1.1", "METHOD PATH%2f HTTP/1.1",
    "METHOD PATH%2F.. HTTP/1.1", "METHOD PATH// HTTP/1.1", "METHOD PATH/. HTTP/1.1",
    "METHOD PATH/x/.. HTTP/1.1", "METHOD PATH# HTTP/1.1", "METHOD PATH%23%0d%0a HTTP/1.1",
    "METHOD PATH%0a HTTP/1.1", "METHOD PATH%7f HTTP/1.1", "METHOD PATH% HTTP/1.1",
    "METHOD PATH%u002f HTTP/1.1", "METHOD PATH\xe9 HTTP/1.1", "METHOD PATH\t HTTP/1.1",
    "METHOD PATH x HTTP/1.1", "METHOD  PATH HTTP/1.1", "METHOD\tPATH HTTP/1.1",
    " METHOD PATH HTTP/1.1", "METHOD PATH HTTP/1.1 ", "METHOD PATH", "METHOD PATH HTTP/0.9",
    "METHOD PATH HTTP/1.2", "METHOD PATH HTTP/2.0", "METHOD PATH HTTP/3", "METHOD PATH http/1.1",
    "METHOD PATH HTTP/1.1\r\n", "METHOD PATH HTTP/01.1", "METHOD PATH HTTP/1.1x",
    "METHOD PATH ICY/1.1", "\r\nMETHOD PATH HTTP/1.1", "\x00METHOD PATH HTTP/1.1",
    "METHOD\x00 PATH HTTP/1.1", "\u00e9METHOD PATH HTTP/1.1", "CONNECT localhost:P HTTP/1.1",
]
# Header lines beside good ones.
PAGES = [
    "Origin: null", "Origin:", "Origin: https://evil.example", "Origin: http://localhost:P",
    "Origin: http://127.0.0.1:P", "Origin: http://localhost", "Origin: file://", "oRIGIN: x",
    "Origin: chrome-extension://abcdefghijklmnop", "Origin: null\r\nOrigin: http://localhost:P",
    "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Sec-Fetch-Site: Same-Origin",
    "Sec-Fetch-Site: none, cross-site", "Sec-Fetch-Site:", "Sec-Fetch-Site: x",
    "Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site",
    "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Site: none", "sec-fetch-site: CROSS-SITE",
    "Access-Control-Request-Method: POST", "Access-Control-Request-Method:",
    "Access-Control-Request-Private-Network: true\r\nOrigin: https://evil.example",
    "Upgrade: websocket\r\nConnection: Upgrade\r\nOrigin: https://evil.example",
    "Expect: 200-ok", "Expect: 100-continue, x", "Expect: 100-continue\r\nExpect: 100-continue",
    "A: b\r\n c", "A: b\r\n\tc", "A: b\rc", "A: b\nc: d", "A\r\n: b", "A", ": b", "A(b): c",
    "Authorization: Bearer x\r\nAuthorization: Bearer y", "A: " + "x" * 33000,
    "\r\n".join(f"A{i}: b" for i in range(120)),
]
# How the body is framed: header lines, and what is put around the body.
FRAMES = [
    ("Content-Length: N\r\nTransfer-Encoding: chunked", "B"),
    ("Transfer-Encoding: chunked\r\nContent-Length: N", "B"),
    ("Transfer-Encoding: chunked\r\nContent-Length: N", "X\r\nB\r\n0\r\n\r\n"),
    ("Content-Length: N\r\nContent-Length: N", "B"),
    ("Content-Length: N\r\nContent-Length: 0", "B"),
    ("Content-Length: 0\r\ncontent-length: N", "B"), ("Content-Length: N, N", "B"),
    ("Content-Length: N,", "B"), ("Content-Length: -N", "B"), ("Content-Length: +N", "B"),
    ("Content-Length: N.0", "B"), ("Content-Length: 0xX", "B"), ("Content-Length: Ne0", "B"),
    ("Content-Length: N N", "B"), ("Content-Length: N;", "B"), ('Content-Length: "N"', "B"),
    ("Content-Length: N\x00", "B"), ("Content-Length: \xa0N", "B"), ("Content-Length:", "B"),
    ("Content-Length:\r\n N", "B"), ("Content-Length : N", "B"), ("Content-Length\r\n: N", "B"),
    ("Content-Length: 99999999999999999999", "B"), ("Content-Length: 18446744073709551616", "B"),
    ("Transfer-Encoding: Chunked", "X\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: CHUNKED", "X\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked, chunked", "X\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: identity, chunked", "X\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked, identity", "X\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: gzip, chunked", "X\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: ,chunked", "X\r\nB\r\n0\r\n\r\n"),
    ('Transfer-Encoding: "chunked"', "X\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked;q=1", "X\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: x\r\nTransfer-Encoding: chunked", "X\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: x", "X\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding:\r\n chunked", "X\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding : chunked", "X\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: \x0bchunked", "X\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: xchunked", "X\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: identity\r\nContent-Length: N", "B"),
    ("Transfer-Encoding: chunked", "0xX\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked", "+X\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked", "-X\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked", " X\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked", "X \r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked", "X\nB\n0\n\n"),
    ("Transfer-Encoding: chunked", "X\r\nB\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked", "X\r\nB0\r\n\r\n"),
    ("Transfer-Encoding: chunked", "X\r\nB\r\n0\n\r\n"),
    ("Transfer-Encoding: chunked", "X\r\nB\r\n\r\n"),
    ("Transfer-Encoding: chunked", "X\r\nB\r\nx\r\n\r\n"),
    ("Transfer-Encoding: chunked", "X;\x00\r\nB\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked", "1000000000000000X\r\nB\r\n0\r\n\r\n"),
]
# What a route refuses that needs JSON where no token is sent.
TYPES = [
    "", "text/plain", "text/plain;application/json", "text/plain; x=application/json",
    "text/json", "application/jsonp", "application/json-patch+json", "application/x-json",
    "application/csp-report", "application/reports+json", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=application/json", "application /json", "application%2fjson",
    "*/*", "application/*", "json", "text/plain, application/json", "application/json, text/plain",
    "text/plain\r\nContent-Type: application/json",
]
# Paths and methods that are others, to whoever compares them well.
OTHERS = [
    "METHOD PATH/ HTTP/1.1", "METHOD PATH; HTTP/1.1", "METHOD PATH%20 HTTP/1.1",
    "METHOD PATH%c0%af HTTP/1.1", "METHOD PATH%ef%bc%8f HTTP/1.1", "METHOD /xPATH HTTP/1.1",
    "METHOD /%EF%BC%8FPATH HTTP/1.1", "METHOD /...PATH HTTP/1.1", "PUT PATH HTTP/1.1",
    "PATCH PATH HTTP/1.1", "DELETE PATH HTTP/1.1", "OPTIONS PATH HTTP/1.1", "TRACE PATH HTTP/1.1",
    "TRACK PATH HTTP/1.1", "post PATH HTTP/1.1", "Post PATH HTTP/1.1", "XMETHOD PATH HTTP/1.1",
]


class Call:
    """A good request, in parts."""

    def __init__(self, method, path, body=None, token=None):
        self.method = method
        self.path = path
        self.body = json.dumps(body) if body is not None else None
        self.headers = [f"Authorization: Bearer {token}"] if token else []

    def build(self, port, line="METHOD PATH HTTP/1.1", host="Host: localhost:P", more=(),
              frame=None, kind="application/json"):
        """The bytes of the request, with parts changed."""
        lines = [line, *([host] if host else []), *self.headers, *more]
        body = ""
        if self.body is not None:
            size = len(self.body.encode())
            header, body = frame or ("Content-Length: N", "B")
            lines += [header.replace("N", str(size)).replace("0xX", f"0x{size:x}")]
            body = body.replace("X", f"{size:x}").replace("B", self.body)
            if kind:
                lines.append(f"Content-Type: {kind}")
        head = "\r\n".join(lines).replace("PATH", "\x01").replace("METHOD", "\x02")
        head = re.sub(r":([0+ ]?)P", rf":\g<1>{port}", head)
        head = head.replace("\x01", self.path).replace("\x02", self.method)
        return (head + "\r\n\r\n").encode("utf-8") + body.encode()


def make(call):
    """All rows for a call: (name, what is changed)."""
    rows = [(f"Host {host!r}", {"host": f"Host: {host}"}) for host in HOSTS]
    rows += [(f"lines {line!r}", {"host": line}) for line in HOST_LINES]
    rows += [(f"first {line!r}", {"line": line}) for line in LINES]
    rows += [(f"with {line[:60]!r}", {"more": [line]}) for line in PAGES]
    if call.body is not None:
        rows += [(f"framed {frame!r}", {"frame": frame}) for frame in FRAMES]
    return rows


def make_others(call):
    """What comes as far as the routes, and is no call of theirs."""
    rows = [(f"first {line!r}", {"line": line}) for line in OTHERS]
    if call.body is not None and not call.headers:
        rows += [(f"type {kind!r}", {"kind": kind}) for kind in TYPES]
    return rows
