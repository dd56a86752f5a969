# SPDX-License-Identifier: GPL-3.0-or-later
"""okap:// links from the command line to the callback: forms, state, rules, refusals."""
import os
import shlex
import sys
import urllib.parse

import pytest

from conftest import wait_until
from links import Listener, draft_link, link, match_code, pkce, redeem, request

STATE = "a+b &=#%41 \u00e4\n\"'<>"


@pytest.mark.parametrize("make", [
    lambda callback, challenge: link(request(callback, challenge, state=STATE)),
    lambda callback, challenge: draft_link(callback, challenge, state=STATE)])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_forms(shared_okap, make, address):
    verifier, challenge = pkce()
    with Listener(address) as app:
        said = shared_okap.run("open", make(app.callback, challenge)).stdout
        assert match_code(challenge) in said
        path, params = app.wait()
        assert path == "/cb" and set(params) == {"code", "state"} and params["state"] == STATE
        assert app.headers["Host"] == app.callback.split("/")[2]
        assert not {"Cookie", "Origin", "Referer", "Authorization"} & set(app.headers)
        assert redeem(shared_okap, params["code"], verifier)[0] == 200


def test_localhost_and_query(shared_okap):
    verifier, challenge = pkce()
    with Listener() as app:
        callback = f"http://localhost:{app.port}?a=b"
        shared_okap.run("open", link(request(callback, challenge)))
        path, params = app.wait()
        assert path == "/" and set(params) == {"a", "code"} and params["a"] == "b"


def test_refused(make_okap):
    okap = make_okap(approve="never").init().serve()
    with Listener() as app:
        okap.run("open", link(request(app.callback, pkce()[1], state=STATE)))
        assert app.wait() == ("/cb", {"error": "access_denied", "state": STATE})
    assert not okap.json("grants", "list")["rows"]


def test_nobody_to_ask(make_okap):
    """The callback hears nothing before a person could have answered."""
    okap = make_okap(approve="ask").init().serve()
    with Listener() as app:
        okap.run("open", link(request(app.callback, pkce()[1])))
        wait_until(lambda: "opened in vain" in okap.log())
        assert app.is_quiet()


def test_no_challenge(shared_okap):
    before = len(shared_okap.json("grants", "list")["rows"])
    with Listener() as app:
        done = shared_okap.run("open", link(request(app.callback, None)), check=False)
        assert done.returncode == 1 and "code_challenge" in done.stderr
        assert app.is_quiet()
    assert len(shared_okap.json("grants", "list")["rows"]) == before


@pytest.mark.parametrize("callback", [
    None, "", "http://app.example.com/", "http://127.0.0.1/", "http://127.0.0.1:631/",
    "http://127.0.0.2:8080/", "http://localhost.example:8080/", "javascript:alert(1)", "data:,x",
    "file:///etc/passwd",
    "okap://authorize?request=e30", "myapp:/cb", "https://a@b.example/", "https://b.example/#x",
    "https://b.example/?code=1", "com.example.app:/cb#x"])
def test_callback_rules(shared_okap, callback):
    before = len(shared_okap.json("grants", "list")["rows"])
    done = shared_okap.run("open", link(request(callback, pkce()[1])), check=False)
    assert done.returncode == 1 and "callback" in done.stderr
    assert len(shared_okap.json("grants", "list")["rows"]) == before


@pytest.mark.parametrize("uri", [
    "okap://authorize", "okap://authorize?request=e30&request=e30", "okap://authorize?request=e31",
    "okap://authorize?request=e30#x", "okap://authorize?data=e30", "okap://approve?request=e30",
    "okap:x", "https://a.example/", "okap://request",
    pytest.param("okap://authorize?request=" + "A" * 98_400, id="long")])
def test_malformed(shared_okap, uri):
    done = shared_okap.run("open", uri, check=False)
    assert done.returncode == 1 and "expected" in done.stderr.lower()


def test_only_a_question(shared_okap):
    """The control route is on the socket alone, and answers before anybody has decided."""
    body = {"uri": link(request("http://127.0.0.1:1024/", pkce()[1]))}
    response, _ = shared_okap.http("POST", "/okap/control/open", body)
    assert response.status == 404
    response, text = shared_okap.http("POST", "/okap/control/open", body, via_socket=True)
    assert response.status == 202 and b"okap_" not in text and b"okapcode_" not in text


@pytest.mark.parametrize("answer", [
    dict(status=302, headers=[("Location", "http://127.0.0.1:1/")]),
    dict(body=b"x" * 10_000_000), dict(status=500)])
def test_answer_is_ignored(shared_okap, answer):
    with Listener(**answer) as app:
        shared_okap.run("open", link(request(app.callback, pkce()[1])))
        assert "code" in app.wait()[1]
        assert app.is_quiet(0.2)


def install_handler(okap, scheme):
    """A program of the desktop that opens such addresses: it writes them into a file."""
    applications = okap.folder / "data" / "applications"
    applications.mkdir(parents=True, exist_ok=True)
    opened = okap.folder / "opened"
    script = okap.folder / "opener.py"
    script.write_text("import sys\nopen(sys.argv[1] + '.new', 'w').write(sys.argv[2])\n"
                      "import os\nos.rename(sys.argv[1] + '.new', sys.argv[1])\n")
    command = " ".join(map(shlex.quote, [sys.executable, str(script), str(opened)]))
    (applications / "opener.desktop").write_text(
        f"[Desktop Entry]\nType=Application\nName=Opener\nExec={command} %u\nNoDisplay=true\n"
        f"MimeType=x-scheme-handler/{scheme};\n")
    (applications / "mimeapps.list").write_text(
        f"[Default Applications]\nx-scheme-handler/{scheme}=opener.desktop\n")
    return opened


@pytest.mark.parametrize("callback", ["com.example.app:/cb", "com.example.app://cb?a=b"])
def test_private_scheme(make_okap, callback):
    okap = make_okap().init()
    opened = install_handler(okap, "com.example.app")
    okap.serve()
    verifier, challenge = pkce()
    okap.run("open", link(request(callback, challenge, state=STATE)))
    wait_until(opened.exists)
    came = opened.read_text()
    assert came.startswith(callback + ("&" if "?" in callback else "?"))
    params = urllib.parse.parse_qs(came.partition("?")[2])
    assert params["state"] == [STATE]
    assert redeem(okap, params["code"][0], verifier)[0] == 200


def test_nobody_takes_the_answer(okap):
    """The code is never fetched; nothing is told but that."""
    okap.run("open", link(request("com.example.nobody:/cb", pkce()[1])))
    wait_until(lambda: "opened in vain" in okap.log())
    assert "okapcode_" not in okap.log()


def test_desktop_file():
    """The desktop opens such links with Okap."""
    text = open(os.path.join(os.path.dirname(__file__), "..", "..",
                             "com.example.Okap.desktop")).read()
    assert "MimeType=x-scheme-handler/okap;" in text and "%u" in text
