/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests that must not reach a route, each with the status of its refusal. Used on the pure
 * functions and over real sockets; the port is always 6527 in here, and replaced by the latter. */
#pragma once

#include <glib.h>

typedef struct
{
  const char *name;
  guint status;
  const char *request;
  gsize length;  /* 0: up to the NUL */
} OkapHttpCase;

#define HOST "Host: 127.0.0.1:6527\r\n"
#define GET "GET / HTTP/1.1\r\n"
#define POST "POST / HTTP/1.1\r\n" HOST
#define TARGET(target) "GET " target " HTTP/1.1\r\n" HOST "\r\n"
#define WITH(header) GET HOST header "\r\n\r\n"

static const OkapHttpCase okap_http_refused[] = {
  /* 2: the target's form */
  { "absolute target", 400, TARGET ("http://127.0.0.1:6527/") },
  { "absolute target of another host", 400, TARGET ("http://evil.example/") },
  { "authority target", 400, "CONNECT 127.0.0.1:6527 HTTP/1.1\r\n" HOST "\r\n" },
  { "asterisk target", 400, "OPTIONS * HTTP/1.1\r\n" HOST "\r\n" },
  { "relative target", 400, TARGET ("v1/openai") },
  { "no target", 400, "GET HTTP/1.1\r\n" HOST "\r\n" },
  { "empty target", 400, "GET  HTTP/1.1\r\n" HOST "\r\n" },

  /* 3: Host */
  { "no Host", 400, GET "\r\n" },
  { "no Host with HTTP/1.0", 400, "GET / HTTP/1.0\r\n\r\n" },
  { "empty Host", 400, GET "Host:\r\n\r\n" },
  { "foreign Host", 400, GET "Host: evil.example\r\n\r\n" },
  { "foreign Host with our port", 400, GET "Host: evil.example:6527\r\n\r\n" },
  { "Host without port", 400, GET "Host: 127.0.0.1\r\n\r\n" },
  { "Host with another port", 400, GET "Host: 127.0.0.1:80\r\n\r\n" },
  { "Host with port and zero", 400, GET "Host: 127.0.0.1:06527\r\n\r\n" },
  { "Host with user", 400, GET "Host: a@127.0.0.1:6527\r\n\r\n" },
  { "Host with trailing dot", 400, GET "Host: localhost.:6527\r\n\r\n" },
  { "Host in mixed case", 400, GET "Host: LocalHost:6527\r\n\r\n" },
  { "Host in decimal", 400, GET "Host: 2130706433:6527\r\n\r\n" },
  { "Host in short form", 400, GET "Host: 127.1:6527\r\n\r\n" },
  { "Host in hex", 400, GET "Host: 0x7f.0.0.1:6527\r\n\r\n" },
  { "Host any", 400, GET "Host: 0.0.0.0:6527\r\n\r\n" },
  { "Host mapped", 400, GET "Host: [::ffff:127.0.0.1]:6527\r\n\r\n" },
  { "Host with zone", 400, GET "Host: [::1%25lo]:6527\r\n\r\n" },
  { "Host of the socket", 400, GET "Host: okap\r\n\r\n" },
  { "two Hosts", 400, GET HOST HOST "\r\n" },
  { "two Hosts, one foreign", 400, GET HOST "Host: evil.example\r\n\r\n" },
  { "two Hosts, foreign first", 400, GET "host: evil.example\r\n" HOST "\r\n" },
  { "Host list", 400, GET "Host: 127.0.0.1:6527, evil.example\r\n\r\n" },

  /* 4: lengths and framing */
  { "two Content-Lengths", 400, POST "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab" },
  { "two equal Content-Lengths", 400, POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\na" },
  { "Content-Length list", 400, POST "Content-Length: 1, 1\r\n\r\na" },
  { "negative Content-Length", 400, POST "Content-Length: -1\r\n\r\n" },
  { "Content-Length with plus", 400, POST "Content-Length: +1\r\n\r\na" },
  { "Content-Length in hex", 400, POST "Content-Length: 0x1\r\n\r\na" },
  { "Content-Length with space", 400, POST "Content-Length: 1 0\r\n\r\na" },
  { "empty Content-Length", 400, POST "Content-Length:\r\n\r\n" },
  { "Content-Length beyond 64 bits", 400, POST "Content-Length: 9223372036854775808\r\n\r\n" },
  { "Content-Length that wraps", 400, POST "Content-Length: 18446744073709551617\r\n\r\na" },
  { "Content-Length and chunked", 400,
    POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
  { "chunked and Content-Length", 400,
    POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" },
  { "two codings", 400, POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" },
  { "chunked twice", 400, POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" },
  { "two Transfer-Encodings", 400,
    POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
  { "identity coding", 400, POST "Transfer-Encoding: identity\r\n\r\n" },
  { "unknown coding", 400, POST "Transfer-Encoding: xchunked\r\n\r\n" },
  { "chunked in other case", 400, POST "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n" },
  { "chunked with parameter", 400, POST "Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n" },
  { "chunked with tab", 400, POST "Transfer-Encoding: \x0b" "chunked\r\n\r\n0\r\n\r\n" },
  { "empty coding", 400, POST "Transfer-Encoding:\r\n\r\n" },
  { "chunked with HTTP/1.0", 400,
    "POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
  { "two Authorizations", 400, WITH ("Authorization: Bearer a\r\nauthorization: Bearer b") },

  /* 5: the path */
  { "backslash", 400, TARGET ("/a\\b") },
  { "encoded backslash", 400, TARGET ("/a%5Cb") },
  { "encoded NUL", 400, TARGET ("/a%00") },
  { "encoded line end", 400, TARGET ("/a%0d%0aX:b") },
  { "encoded DEL", 400, TARGET ("/a%7f") },
  { "encoded slash", 400, TARGET ("/v1%2fopenai") },
  { "encoded slash in capitals", 400, TARGET ("/v1%2Fopenai") },
  { "empty segment", 400, TARGET ("//v1") },
  { "empty segment inside", 400, TARGET ("/v1//openai") },
  { "empty segment at the end", 400, TARGET ("/v1//") },
  { "dot segment", 400, TARGET ("/v1/./openai") },
  { "dot-dot segment", 400, TARGET ("/v1/../okap/grant") },
  { "dot-dot at the end", 400, TARGET ("/v1/..") },
  { "dot at the end", 400, TARGET ("/.") },
  { "encoded dot-dot", 400, TARGET ("/v1/%2e%2e/okap") },
  { "half encoded dot-dot", 400, TARGET ("/v1/.%2E/okap") },
  { "encoded dot", 400, TARGET ("/v1/%2e") },
  { "dot-dot before the query", 400, TARGET ("/v1/..?a") },
  { "fragment", 400, TARGET ("/v1#a") },
  { "fragment in the query", 400, TARGET ("/v1?a#b") },
  { "broken escape", 400, TARGET ("/v1%2") },
  { "broken escape of letters", 400, TARGET ("/v1%zz") },
  { "broken escape in the query", 400, TARGET ("/v1?a=%g0") },
  { "escape across the question mark", 400, TARGET ("/v1%2?f") },
  { "UTF-8 in the path", 400, TARGET ("/v1/\xc3\xa9") },
  { "control character in the path", 400, TARGET ("/v1/\x01") },
  { "tab in the path", 400, TARGET ("/v1\t/") },

  /* 6: pages */
  { "Origin", 403, WITH ("Origin: https://evil.example") },
  { "Origin null", 403, WITH ("Origin: null") },
  { "empty Origin", 403, WITH ("oRIGIN:") },
  { "our own Origin", 403, WITH ("Origin: http://127.0.0.1:6527") },
  { "cross-site fetch", 403, WITH ("Sec-Fetch-Site: cross-site") },
  { "same-site fetch", 403, WITH ("Sec-Fetch-Site: same-site") },
  { "fetch from two sites", 403, WITH ("Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site") },
  { "preflight", 403, "OPTIONS / HTTP/1.1\r\n" HOST "Origin: https://evil.example\r\n"
                      "Access-Control-Request-Method: POST\r\n\r\n" },
  { "preflight without Origin", 403,
    "OPTIONS / HTTP/1.1\r\n" HOST "Access-Control-Request-Method: POST\r\n\r\n" },
  { "strange Expect", 417, POST "Expect: 200-ok\r\nContent-Length: 1\r\n\r\na" },
  { "two Expects", 417,
    POST "Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na" },

  /* grammar */
  { "bare LF everywhere", 400, "GET / HTTP/1.1\nHost: 127.0.0.1:6527\n\n" },
  { "bare LF after the request line", 400, "GET / HTTP/1.1\n" HOST "\r\n" },
  { "bare LF after a header", 400, GET "A: b\n" HOST "\r\n" },
  { "bare LF at the end", 400, GET HOST "\n" },
  { "bare CR in a value", 400, GET HOST "A: b\rc\r\n\r\n" },
  { "CR CR LF", 400, GET HOST "A: b\r\r\n\r\n" },
  { "NUL in a value", 400, GET HOST "A: b\0c\r\n\r\n", sizeof (GET HOST "A: b\0c\r\n\r\n") - 1 },
  { "NUL in a name", 400, GET HOST "A\0: b\r\n\r\n", sizeof (GET HOST "A\0: b\r\n\r\n") - 1 },
  { "NUL in the target", 400, "GET /\0 HTTP/1.1\r\n" HOST "\r\n",
    sizeof ("GET /\0 HTTP/1.1\r\n" HOST "\r\n") - 1 },
  { "control character in a value", 400, WITH ("A: b\x01") },
  { "DEL in a value", 400, WITH ("A: b\x7f") },
  { "space before the colon", 400, GET "Host : 127.0.0.1:6527\r\n\r\n" },
  { "tab before the colon", 400, POST "Content-Length\t: 1\r\n\r\na" },
  { "space in a name", 400, WITH ("A B: c") },
  { "folded header", 400, WITH ("A: b\r\n c") },
  { "folded with tab", 400, WITH ("A: b\r\n\tc") },
  { "folded first header", 400, GET " " HOST "\r\n" },
  { "header without colon", 400, WITH ("A") },
  { "header without name", 400, WITH (": b") },
  { "name that is no token", 400, WITH ("A(b): c") },
  { "UTF-8 in a name", 400, WITH ("\xc3\xa9: c") },
  { "empty line first", 400, "\r\n" GET HOST "\r\n" },
  { "space first", 400, " " GET HOST "\r\n" },
  { "method that is no token", 400, "G@T / HTTP/1.1\r\n" HOST "\r\n" },
  { "long method", 400, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ / HTTP/1.1\r\n" HOST "\r\n" },
  { "two spaces", 400, "GET  / HTTP/1.1\r\n" HOST "\r\n" },
  { "tab for space", 400, "GET\t/ HTTP/1.1\r\n" HOST "\r\n" },
  { "HTTP/0.9", 400, "GET /\r\n\r\n" },
  { "no version", 400, "GET / \r\n" HOST "\r\n" },
  { "version in small letters", 400, "GET / http/1.1\r\n" HOST "\r\n" },
  { "version with more digits", 400, "GET / HTTP/1.10\r\n" HOST "\r\n" },
  { "space after the version", 400, "GET / HTTP/1.1 \r\n" HOST "\r\n" },
  { "HTTP/2 preface", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" },
  { "HTTP/1.2", 505, "GET / HTTP/1.2\r\n" HOST "\r\n" },
  { "TLS", 400, "\x16\x03\x01\x02\x01" },
};
