# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire: three shapes, granted and denied, and what is refused before anybody is asked."""
import json

import pytest


@pytest.fixture
def okap(shared_okap):
    return shared_okap


def count_grants(okap):
    return len(okap.json("grants", "list")["rows"])


ENTRY = {"type": "ai_model_access", "provider": "demo", "models": ["demo-fast"],
         "capabilities": ["chat"],
         "limits": {"monthly_spend": 10.00, "daily_spend": 2.00, "requests_per_minute": 60,
                    "requests_per_day": 1000},
         "expires": "2099-03-01", "reason": "Summaries in the editor"}
CLIENT = {"name": "Example App", "url": "https://app.example.com",
          "callback": "https://app.example.com/callback"}
SHAPE_A = {"okap": "1.0", "authorization_details": [ENTRY], "client": CLIENT}
SHAPE_B = {"okap": "1.0", "request": {k: v for k, v in ENTRY.items() if k != "type"},
           "client": CLIENT}
SHAPE_C = {"okap": "1.0", "provider": "demo", "models": ["demo-fast"], "capabilities": ["chat"],
           "limits": {"monthly_spend": 10.0}, "expires": "2030-03-01",
           "reason": "Summaries", "app_name": "Example App", "app_url": "https://app.example.com",
           "redirect_uri": "https://app.example.com/callback"}


def with_year(shape):
    """The fixed dates of the examples, within the ten years that a grant may last."""
    return json.loads(json.dumps(shape).replace("2099-", "2030-"))


SHAPES = {"A": with_year(SHAPE_A), "B": with_year(SHAPE_B), "C": SHAPE_C}


@pytest.mark.parametrize("path", ["/okap/authorize", "/okap/request"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("via_socket", [False, True], ids=["tcp", "socket"])
def test_granted(okap, path, shape, via_socket):
    response, text = okap.http("POST", path, SHAPES[shape], via_socket=via_socket)
    answer = json.loads(text)
    assert response.status == 200
    assert answer["okap"] == "1.0"
    base_url = f"{okap.origin}/v1/demo"
    if shape == "A":
        assert answer["status"] == "granted"
        entry, = answer["authorization_details"]
        assert entry["base_url"] == base_url
        assert entry["expires"] == "2030-03-01T00:00:00Z"
        assert entry["models"] == ["demo-fast"]
        assert entry["limits"] == ENTRY["limits"]
        token = answer["token"]
    elif shape == "B":
        assert answer["status"] == "granted"
        assert answer["base_url"] == base_url
        assert answer["limits"] == ENTRY["limits"]
        token = answer["token"]
    else:
        assert answer["approved"] is True
        assert answer["token"]["base_url"] == base_url
        assert answer["token"]["provider"] == "demo"
        assert answer["token"]["limits"]["monthly_spend"] == 10
        assert answer["token"]["limits"]["requests_per_minute"] > 0  # Okap's default, echoed
        token = answer["token"]["token"]
    assert token.startswith("okap_") and len(token) == 54
    response, text = okap.http("GET", "/okap/grant", headers={"Authorization": f"Bearer {token}"})
    assert response.status == 200, text


@pytest.mark.parametrize("shape", SHAPES)
def test_denied(make_okap, shape):
    okap = make_okap(approve="never").init().serve()
    response, text = okap.http("POST", "/okap/authorize", SHAPES[shape])
    answer = json.loads(text)
    assert response.status == 200
    if shape == "C":
        assert answer["approved"] is False
        assert answer["error_code"] == "user_denied"
        assert answer["error"]
    else:
        assert answer["status"] == "denied"
        assert answer["reason"]
    assert "token" not in answer
    assert okap.json("grants", "list")["rows"] == []


def test_no_key(okap):
    answer = okap.authorize("openai")
    assert answer["status"] == "denied"
    assert "no key for openai" in answer["reason"]


def entry(**changes):
    changed = dict(SHAPES["A"]["authorization_details"][0], **changes)
    return dict(SHAPES["A"], authorization_details=[changed])


def limits(**changes):
    return entry(limits=changes)


MALFORMED = {
    "not json": (b"{", "JSON"),
    "empty": (b"", ""),
    "array": ([], ""),
    "no version": ({k: v for k, v in SHAPES["A"].items() if k != "okap"}, "okap"),
    "wrong version": (dict(SHAPES["A"], okap="2.0"), "okap"),
    "no entries": (dict(SHAPES["A"], authorization_details=[]), "authorization_details"),
    "nine entries": (dict(SHAPES["A"], authorization_details=[
        dict(ENTRY, provider=f"p{i}", expires="2030-01-01") for i in range(9)]), "8"),
    "wrong type member": (entry(type="payment"), "type"),
    "unknown member": (entry(free_money=True), "free_money"),
    "provider missing": (dict(SHAPES["A"], authorization_details=[
        {k: v for k, v in SHAPES["A"]["authorization_details"][0].items() if k != "provider"}]),
        "provider"),
    "provider not text": (entry(provider=7), "provider"),
    "models not list": (entry(models="gpt-4o"), "models"),
    "65 models": (entry(models=[f"m{i}" for i in range(65)]), "64"),
    "unknown capability": (entry(capabilities=["mind-reading"]), "mind-reading"),
    "unknown limit": (limits(yearly_spend=1), "yearly_spend"),
    "negative limit": (limits(monthly_spend=-1), "monthly_spend"),
    "huge limit": (limits(monthly_spend=1e300), "monthly_spend"),
    "text limit": (limits(monthly_spend="10"), "monthly_spend"),
    "half a request": (limits(requests_per_minute=1.5), "requests_per_minute"),
    "NaN": (json.dumps(limits(monthly_spend=1)).replace('"monthly_spend": 1',
                                                        '"monthly_spend": NaN').encode(), "JSON"),
    "past": (entry(expires="2020-01-01"), "expires"),
    "no date": (entry(expires="soon"), "expires"),
    "number as reason": (entry(reason=5), "reason"),
    "long reason": (entry(reason="y" * 257), "256"),
    "long name": (dict(SHAPES["A"], client={"name": "n" * 65}), "64"),
    "bad url": (dict(SHAPES["A"], client=dict(CLIENT, url="javascript:alert(1)")), "url"),
    "duplicate key": (json.dumps(SHAPES["A"]).replace('"okap": "1.0"',
                                                      '"okap": "1.0", "okap": "1.0"').encode(),
                      "twice"),
    "two shapes": (dict(SHAPES["A"], request=SHAPES["B"]["request"]), ""),
    "too deep": (b'{"okap":"1.0","x":' + b"[" * 40 + b"]" * 40 + b"}", "deep"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed(okap, case):
    """Named error, and nobody is asked: with --approve=always a question would be granted."""
    body, named = MALFORMED[case]
    if isinstance(body, (dict, list)):
        body = json.dumps(body).encode()
    before = count_grants(okap)
    response, text = okap.http("POST", "/okap/authorize", body,
                               {"Content-Type": "application/json"})
    answer = json.loads(text)
    assert response.status == 400, text
    assert answer["error"]["type"] == "invalid_request"
    assert named in answer["error"]["message"], text
    assert count_grants(okap) == before


def test_too_large(okap):
    body = json.dumps(entry(reason="x" * 70000)).encode()
    response, text = okap.http("POST", "/okap/authorize", body,
                               {"Content-Type": "application/json"})
    assert response.status == 413
    assert json.loads(text)["error"]["type"] == "invalid_request"


def test_text_is_cleaned(okap):
    request = dict(entry(reason="pay\u202e\u0007 me\nnow"),
                   client={"name": "\u202eevil\u200b\u001b[31m"})
    response, text = okap.http("POST", "/okap/authorize", request)
    assert response.status == 200, text
    shown = okap.run("grants", "list").stdout + okap.run("grants", "list", "--json").stdout
    for hidden in ("\u202e", "\u200b", "\x1b", "\x07"):
        assert hidden not in shown
    row = okap.json("grants", "list")["rows"][0]  # the newest
    assert okap.json("grants", "show", row["id"])["reason"] == "pay me now"


def test_discovery(okap):
    response, text = okap.http("GET", "/.well-known/okap")
    assert response.status == 200
    assert "1.0" in json.dumps(json.loads(text))
    vault = json.loads((okap.folder / "run" / "okap" / "vault.json").read_text())
    assert vault["url"] == okap.origin
    assert vault["socket"] == okap.socket_path


def test_polling(okap):
    response, text = okap.http("POST", "/okap/authorize", SHAPES["A"],
                               {"Prefer": "respond-async"})
    assert response.status == 202, text
    pending = json.loads(text)
    assert pending["status"] == "pending"
    for _ in range(100):
        response, text = okap.http("GET", pending["poll"])
        if json.loads(text)["status"] != "pending":
            break
    assert json.loads(text)["status"] == "granted"
    response, text = okap.http("GET", pending["poll"])
    assert response.status == 404, text  # handed out once
