# SPDX-License-Identifier: GPL-3.0-or-later
"""What an app needs to ask by a link: a verifier, the link, and somebody who waits at the
callback."""
import base64
import hashlib
import http.server
import json
import queue
import secrets
import socket
import threading
import urllib.parse


def pkce():
    """A verifier and its challenge (RFC 7636)."""
    verifier = secrets.token_urlsafe(32)
    digest = hashlib.sha256(verifier.encode()).digest()
    return verifier, base64.urlsafe_b64encode(digest).decode().rstrip("=")


def match_code(challenge):
    digest = hashlib.sha256(b"okap-match:" + challenge.encode()).digest()
    return f"{int.from_bytes(digest[:4], 'big') % 100:02}"


def request(callback, challenge, **more):
    body = {"okap": "1.0", "authorization_details": [
        {"type": "ai_model_access", "provider": "demo", "models": ["demo-fast"]}],
        "client": {"name": "Link App"}, **more}
    if callback is not None:
        body["client"]["callback"] = callback
    if challenge is not None:
        body["code_challenge"] = challenge
    return body


def link(body):
    text = base64.urlsafe_b64encode(json.dumps(body).encode()).decode().rstrip("=")
    return "okap://authorize?request=" + text


def draft_link(callback, challenge, **more):
    """The first draft's form, with the flat body, percent-encoded."""
    body = {"okap": "1.0", "provider": "demo", "models": ["demo-fast"], "app_name": "Link App",
            "redirect_uri": callback, "code_challenge": challenge, **more}
    return "okap://request?data=" + urllib.parse.quote(json.dumps(body), safe="")


class Listener:
    """An app at its callback on loopback."""

    def __init__(self, address="127.0.0.1", status=200, headers=(), body=b"done"):
        calls = queue.Queue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                calls.put((self.path, dict(self.headers)))
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
            daemon_threads = True

        self.calls = calls
        self.server = Server((address, 0), Handler)
        self.port = self.server.server_address[1]
        host = f"[{address}]" if ":" in address else address
        self.callback = f"http://{host}:{self.port}/cb"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.server.shutdown()
        self.server.server_close()

    def wait(self, timeout=10):
        """Path, and the parameters of the next call."""
        target, self.headers = self.calls.get(timeout=timeout)
        path, _, query = target.partition("?")
        return path, dict(urllib.parse.parse_qsl(query, keep_blank_values=True))

    def is_quiet(self, seconds=0.5):
        try:
            self.calls.get(timeout=seconds)
        except queue.Empty:
            return True
        return False


def redeem(okap, code, verifier, **kwargs):
    response, text = okap.http("POST", "/okap/redeem", {"code": code, "code_verifier": verifier},
                               **kwargs)
    return response.status, json.loads(text)


def get_code(okap, **more):
    """Asks by a link and waits at the callback: the code and its verifier."""
    verifier, challenge = pkce()
    with Listener() as app:
        okap.run("open", link(request(app.callback, challenge, **more)))
        return app.wait()[1]["code"], verifier
