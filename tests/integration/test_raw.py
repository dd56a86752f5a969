# SPDX-License-Identifier: GPL-3.0-or-later
"""PROTOCOL section 5 over a bare socket: nothing comes of a request with a fault, nor of a good
one that stands behind it on the same connection."""
import re
import socket

import pytest

from mock_provider import MockProvider
from web import raw
from web.corpus import CHAT, REQUEST_A
from web.effects import standing

BEFORE_ROUTES = {b"400", b"403", b"417", b"431", b"505"}
BY_ROUTES = {b"400", b"403", b"404", b"405", b"426"}


@pytest.fixture(scope="module")
def vault(shared_okap):
    mock = MockProvider()
    shared_okap.add_key(mock, "openai")
    yield shared_okap, mock
    mock.close()


def calls(okap):
    token = okap.authorize("openai", ["gpt-4o-mini"], capabilities=["chat"])["token"]
    return {"authorize": raw.Call("POST", "/okap/authorize", REQUEST_A),
            "chat": raw.Call("POST", "/v1/openai/chat/completions", CHAT, token),
            "own grant": raw.Call("GET", "/okap/grant", token=token)}


def ask(okap, data):
    """Sends bytes; returns all that is answered until the vault closes, which it must."""
    with socket.create_connection(("127.0.0.1", okap.port), 5) as connection:
        answer = b""
        try:
            connection.sendall(data)
            while piece := connection.recv(65536):
                answer += piece
        except ConnectionError:
            pass
        except TimeoutError:
            answer += b"HTTP/1.1 000 not closed"
    return answer


def statuses(answer):
    return re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)


def test_as_they_are_they_have_effects(vault):
    okap, mock = vault
    for name, call in calls(okap).items():
        before = standing(okap, mock)
        with socket.create_connection(("127.0.0.1", okap.port), 20) as connection:
            connection.sendall(call.build(okap.port))
            assert connection.recv(65536).startswith(b"HTTP/1.1 200"), name
        after = standing(okap, mock)
        assert name == "own grant" or before != after


@pytest.mark.parametrize("name", ["authorize", "chat", "own grant"])
def test_corpus(vault, name):
    okap, mock = vault
    call = calls(okap)[name]
    good = call.build(okap.port)
    before = standing(okap, mock)
    wrong = []
    rows = raw.make(call)
    for what, change in rows:
        data = call.build(okap.port, **change)
        assert data != good
        answer = ask(okap, data + good)
        if len(wrong) > 20:
            break
        said = statuses(answer)
        # One refusal and the end: what is behind it is not read as another request.
        if len(said) != 1 or said[0] not in BEFORE_ROUTES:
            wrong.append(f"{what}: {said}")
        if b"access-control-" in answer.lower():
            wrong.append(f"{what}: CORS")
    assert not wrong, "\n".join(wrong)
    assert standing(okap, mock) == before
    print(f"\n{len(rows)} requests for {name}, reached a handler: 0")


@pytest.mark.parametrize("name", ["authorize", "chat", "own grant"])
def test_others(vault, name):
    okap, mock = vault
    call = calls(okap)[name]
    before = standing(okap, mock)
    wrong = []
    rows = raw.make_others(call)
    for what, change in rows:
        said = statuses(ask(okap, call.build(
            okap.port, **{"more": ["Connection: close"], **change})))
        if not said or said[0] not in BY_ROUTES:
            wrong.append(f"{what}: {said}")
    assert not wrong, "\n".join(wrong)
    assert standing(okap, mock) == before
    print(f"\n{len(rows)} requests that are not {name}, effects: 0")
