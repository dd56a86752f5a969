# SPDX-License-Identifier: GPL-3.0-or-later
"""A website that was granted access by a link: its pages in a real Chromium, other pages, and
programs that say they are it."""
import http.server
import json
import ssl
import subprocess
import threading
import urllib.parse

import pytest

from conftest import Okap, wait_until
from links import link, pkce, request
from test_links import install_handler
from web import browser
from web.browser import Browser
from web.places import SITE, Places

pytestmark = pytest.mark.skipif(browser.find() is None, reason="there is no chromium here")

CALL = """
(async () => {
  try {
    const answer = await fetch(%s, %s);
    return JSON.stringify([answer.status, await answer.text()]);
  } catch (error) { return JSON.stringify([0, String(error)]); }
})()
"""


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A site</title>")

    def log_message(self, *args):
        pass


def serve_https(folder):
    """Pages with a certificate that nobody has signed; returns the port."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=app.example",
                    "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server = http.server.ThreadingHTTPServer((SITE, 0), Page)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


class Scene:
    def __init__(self, folder):
        self.site = serve_https(folder)
        port = self.site.server_address[1]
        self.origin = f"https://app.example:{port}"
        self.places = Places()
        self.places.names.update({"app.example": SITE, "other.example": SITE})
        self.okap = Okap(folder, portable=False).init()
        self.opened = install_handler(self.okap, "https")
        self.okap.serve()
        self.browser = Browser(folder, self.places.socks_port)
        self.page = self.open(self.origin)
        self.other = self.open(f"https://other.example:{port}")

    def open(self, origin):
        tab = self.browser.open("about:blank")
        self.browser.call("Security.setIgnoreCertificateErrors", tab, ignore=True)
        self.browser.go(tab, origin + "/")
        return tab

    def close(self):
        self.browser.close()
        self.okap.stop()
        self.places.close()
        self.site.shutdown()
        self.site.server_close()

    def get_code(self):
        """Asks by a link; the browser that the desktop opens is ours, and only notes the code."""
        verifier, challenge = pkce()
        self.opened.unlink(missing_ok=True)
        self.okap.run("open", link(request(self.origin + "/cb", challenge)))
        wait_until(self.opened.exists)
        came = self.opened.read_text()
        assert came.startswith(self.origin + "/cb?code=")
        return urllib.parse.parse_qs(urllib.parse.urlsplit(came).query)["code"][0], verifier

    def fetch(self, tab, path, **options):
        if "json" in options:
            options["body"] = json.dumps(options.pop("json"))
            options.setdefault("headers", {})["Content-Type"] = "application/json"
        text = self.browser.run(tab, CALL % (json.dumps(self.okap.origin + path),
                                             json.dumps(options)))
        return json.loads(text)

    def redeem(self, tab, code, verifier):
        return self.fetch(tab, "/okap/redeem", method="POST",
                          json={"code": code, "code_verifier": verifier})


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    scene = Scene(tmp_path_factory.mktemp("websites"))
    yield scene
    scene.close()


def bearer(token):
    return {"Authorization": "Bearer " + token}


CHAT = {"model": "demo-fast", "messages": [{"role": "user", "content": "Hi"}]}


def test_site(scene):
    """Before its grant a page can do nothing; with it, what it was granted, until it ends."""
    code_of_nobody = {"code": "x", "code_verifier": "x"}
    before = scene.fetch(scene.page, "/okap/redeem", method="POST", json=code_of_nobody)
    assert before[0] == 0

    code, verifier = scene.get_code()
    assert scene.redeem(scene.other, code, verifier)[0] == 0
    status, text = scene.redeem(scene.page, code, verifier)
    assert status == 200, text
    token = json.loads(text)["token"]
    status, text = scene.fetch(scene.page, "/v1/demo/chat/completions", method="POST",
                                  json=CHAT, headers=bearer(token))
    assert status == 200 and json.loads(text)["choices"]
    status, text = scene.fetch(scene.page, "/okap/grant", headers=bearer(token))
    assert status == 200 and json.loads(text)["status"] == "active"
    assert scene.fetch(scene.other, "/okap/grant", headers=bearer(token))[0] == 0

    for path in ("/okap/authorize", "/okap/request", "/.well-known/okap", "/okap/requests/x"):
        assert scene.fetch(scene.page, path, method="POST", json={})[0] == 0, path
    row, = scene.okap.json("grants", "list")["rows"]
    assert "Website " + scene.origin in json.dumps(row)

    status, _ = scene.fetch(scene.page, "/okap/revoke", method="POST", headers=bearer(token))
    assert status == 200
    assert scene.fetch(scene.page, "/okap/grant", headers=bearer(token))[0] == 0


def test_others_with_its_name(scene):
    """A program that sends the origin of a site is no page of it, and its token is of no use."""
    code, verifier = scene.get_code()
    body = {"code": code, "code_verifier": verifier}
    for origin in (scene.origin, "null", scene.origin + "0", "https://other.example"):
        for method, path in (("POST", "/okap/redeem"), ("OPTIONS", "/okap/redeem"),
                             ("GET", "/okap/grant")):
            headers = {"Origin": origin, "Content-Type": "application/json",
                       "Access-Control-Request-Method": "POST"}
            response, text = scene.okap.http(method, path, body, headers)
            assert response.status == 403, (origin, path)
            assert json.loads(text)["error"]["type"] == "origin_not_allowed"
            assert not [name for name in response.headers if name.lower().startswith("access-")]
    status, text = scene.redeem(scene.page, code, verifier)
    token = json.loads(text)["token"]
    response, text = scene.okap.http("GET", "/okap/grant", headers=bearer(token))
    assert response.status == 403 and json.loads(text)["error"]["type"] == "wrong_program"


def test_program_of_the_site(scene):
    """A program that the site passes its code to gets the token, which is no page's then."""
    code, verifier = scene.get_code()
    response, text = scene.okap.http("POST", "/okap/redeem",
                                     {"code": code, "code_verifier": verifier})
    assert response.status == 200
    token = json.loads(text)["token"]
    assert scene.okap.http("GET", "/okap/grant", headers=bearer(token))[0].status == 200
    other_code, other_verifier = scene.get_code()  # so that the origin may come in at all
    assert scene.redeem(scene.page, other_code, other_verifier)[0] == 200
    status, text = scene.fetch(scene.page, "/okap/grant", headers=bearer(token))
    assert status == 403 and json.loads(text)["error"]["type"] == "wrong_program"
