# SPDX-License-Identifier: GPL-3.0-or-later
"""One-time codes at POST /okap/redeem: used twice, late, with a wrong verifier, by others."""
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import wait_until
from links import get_code, match_code, pkce, redeem


def use(okap, token):
    response, _ = okap.http("GET", "/okap/grant", headers={"Authorization": "Bearer " + token})
    return response.status


@pytest.mark.parametrize("via_socket", [False, True])
def test_redeemed(shared_okap, via_socket):
    code, verifier = get_code(shared_okap)
    status, answer = redeem(shared_okap, code, verifier, via_socket=via_socket)
    assert status == 200 and answer["okap"] == "1.0" and answer["status"] == "granted"
    assert answer["token"].startswith("okap_")
    assert answer["authorization_details"][0]["base_url"] == shared_okap.origin + "/v1/demo"
    assert use(shared_okap, answer["token"]) == 200


def test_used_twice(shared_okap):
    code, verifier = get_code(shared_okap)
    _, answer = redeem(shared_okap, code, verifier)
    other, _ = pkce()
    status, error = redeem(shared_okap, code, other)
    assert status == 400 and error["error"]["type"] == "wrong_verifier"
    assert use(shared_okap, answer["token"]) == 200
    status, error = redeem(shared_okap, code, verifier)
    assert status == 400 and error["error"]["type"] == "code_used"
    assert use(shared_okap, answer["token"]) == 401


def test_wrong_verifier_harms_nothing(shared_okap):
    """Whoever read the code on its way can try what he likes."""
    code, verifier = get_code(shared_okap)
    for wrong in (pkce()[0], "", "x", verifier[:-1], verifier + "A", verifier.swapcase(),
                  "A" * 1000):
        status, error = redeem(shared_okap, code, wrong)
        assert status == 400 and error["error"]["type"] == "wrong_verifier", wrong
        assert verifier not in json.dumps(error) and code not in json.dumps(error)
    assert redeem(shared_okap, code, verifier)[0] == 200


def test_never_issued(shared_okap):
    verifier, _ = pkce()
    code, _ = get_code(shared_okap)
    token = shared_okap.authorize()["token"]
    for invented in ("", "x", "okapcode_", "okapcode_" + "A" * 43, code[:-1], code + "A",
                     code.removeprefix("okapcode_"), code.upper(), token):
        status, error = redeem(shared_okap, invented, verifier)
        assert status == 400 and error["error"]["type"] == "invalid_code", invented


@pytest.mark.parametrize("body", [
    "", "{", "[]", "null", "1", '"x"', "{}", '{"code":"x"}', '{"code_verifier":"x"}',
    '{"code":1,"code_verifier":"x"}', '{"code":null,"code_verifier":"x"}',
    '{"code":["x"],"code_verifier":"x"}', '{"code":"x","code_verifier":{}}',
    '{"code":"x","code_verifier":"x","more":1}', '{"code":"x","code":"y","code_verifier":"x"}',
    '{"code":"x","code_verifier":"x"}x', '{"code":"x","code_verifier":"\\u0000"}'])
def test_malformed(shared_okap, body):
    response, text = shared_okap.http("POST", "/okap/redeem", body,
                                      {"Content-Type": "application/json"})
    assert response.status == 400 and json.loads(text)["error"]["type"] == "invalid_request"


def test_door(shared_okap):
    body = json.dumps({"code": "x", "code_verifier": "x"})
    for headers in ({}, {"Content-Type": "text/plain"},
                    {"Content-Type": "application/x-www-form-urlencoded"}):
        response, _ = shared_okap.http("POST", "/okap/redeem", body, headers)
        assert response.status == 400
    response, _ = shared_okap.http("GET", "/okap/redeem")
    assert response.status == 405 and response.getheader("Allow") == "POST"
    response, _ = shared_okap.http("POST", "/okap/redeem", "x" * 5000,
                                   {"Content-Type": "application/json"})
    assert response.status == 413
    _, text = shared_okap.http("GET", "/.well-known/okap")
    said = json.loads(text)
    assert said["endpoints"]["redeem"] == "/okap/redeem"
    assert said["code_challenge_methods"] == ["S256"]


def test_lock_ends_codes(okap):
    code, verifier = get_code(okap)
    okap.run("lock")
    status, error = redeem(okap, code, verifier)
    assert status == 400 and error["error"]["type"] == "code_expired"
    okap.run("unlock", passphrase=True)
    wait_until(lambda: [row["state"] for row in okap.json("grants", "list")["rows"]]
               == ["revoked"])


@pytest.mark.long
def test_late(okap):
    code, verifier = get_code(okap)
    time.sleep(59)
    assert redeem(okap, code, pkce()[0])[1]["error"]["type"] == "wrong_verifier"
    time.sleep(3)
    status, error = redeem(okap, code, verifier)
    assert status == 400 and error["error"]["type"] == "code_expired"
    assert [row["state"] for row in okap.json("grants", "list")["rows"]] == ["revoked"]


def curl(okap, path, *more):
    done = subprocess.run(["curl", "-sS", *more, okap.origin + path], capture_output=True,
                          timeout=30, check=True)
    return json.loads(done.stdout)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is the other program")
def test_bound_to_who_redeems(make_okap):
    """The grant of a link belongs to the program that redeems it, from then on."""
    okap = make_okap(portable=False).init().serve()
    code, verifier = get_code(okap)
    body = json.dumps({"code": code, "code_verifier": verifier})
    answer = curl(okap, "/okap/redeem", "-H", "Content-Type: application/json", "-d", body)
    bearer = "Authorization: Bearer " + answer["token"]
    assert curl(okap, "/okap/grant", "-H", bearer)["status"] == "active"
    response, text = okap.http("GET", "/okap/grant",
                               headers={"Authorization": "Bearer " + answer["token"]})
    assert response.status == 403 and json.loads(text)["error"]["type"] == "wrong_program"


def test_nothing_is_logged(okap):
    code, verifier = get_code(okap)
    _, answer = redeem(okap, code, verifier)
    redeem(okap, code, verifier)
    log = okap.log()
    for secret in (code, verifier, answer["token"]):
        assert secret not in log


ASK = """
import http.client, json, os, sys
os.unlink(sys.executable)
body = {"okap": "1.0", "provider": "demo", "models": ["demo-fast"]}
if len(sys.argv) > 2:
    body["code_challenge"] = sys.argv[2]
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
connection.request("POST", "/okap/request", json.dumps(body),
                   {"Content-Type": "application/json", "Prefer": "respond-async"})
print(connection.getresponse().read().decode())
"""


def ask_unidentified(okap, *more):
    """Asks as a program whose file is gone, so that nobody can say what it is."""
    program = okap.folder / "gone"
    shutil.copy(Path(sys.executable).resolve(), program)
    done = subprocess.run([program, "-c", ASK, str(okap.port), *more], capture_output=True,
                          check=True, timeout=30, env=dict(os.environ, PYTHONHOME="/usr"))
    return json.loads(done.stdout)


def test_match_code(okap):
    """Only who has no other tie to the dialog is told digits; a challenge gives the same."""
    pending = ask_unidentified(okap)
    assert re.fullmatch("[0-9]{2}", pending["match_code"])
    _, challenge = pkce()
    assert ask_unidentified(okap, challenge)["match_code"] == match_code(challenge)
    body = {"okap": "1.0", "provider": "demo"}
    _, text = okap.http("POST", "/okap/request", body, {"Prefer": "respond-async"})
    assert "match_code" not in json.loads(text)
