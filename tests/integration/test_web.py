# SPDX-License-Identifier: GPL-3.0-or-later
"""What web pages can do to the vault: nothing. A real browser tries all rows of web/corpus.py.

The vault allows whatever it is asked, so a request that gets through makes a grant. Each attack is
also made against a vault that trusts whoever reaches it, which shows that it is one, and each call
by a plain program, which shows that it has the effect that is looked for.
"""
import json
import urllib.parse

import pytest

from conftest import Okap, wait_until
from mock_provider import Answer, MockProvider
from web import browser, corpus
from web.browser import Browser
from web.effects import standing
from web.places import SITE, Places, row_of

REFUSED = {"invalid_request", "origin_not_allowed"}
PAGE = "page.html"
UPSTREAM = [
    ("GET", "models", {"object": "list", "data": []}),
    ("POST", "chat/completions", {
        "id": "c", "object": "chat.completion", "model": "gpt-4o-mini",
        "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
        "choices": [{"index": 0, "finish_reason": "stop",
                     "message": {"role": "assistant", "content": "Hi"}}]})]

pytestmark = pytest.mark.skipif(browser.find() is None, reason="there is no chromium here")


class Scene:
    """The vault, at a port where a site of the attacker's was before, and the attacker's tabs."""

    def __init__(self, folder):
        self.places = Places()
        self.mock = MockProvider()
        self.okap = Okap(folder).init()
        self.browser = None
        try:
            self.set_up(folder)
        except BaseException:
            self.close()
            raise

    def set_up(self, folder):
        names = self.places.names
        port = self.places.serve_site(["127.0.0.1", SITE])
        site = f"http://evil.example:{self.places.port}"
        names.update({"evil.example": SITE, "rebind.example": SITE})
        self.browser = Browser(folder, self.places.socks_port, [site])
        pages = {"evil": site, "opener": site, "typed": site,
                 "neighbour": f"http://127.0.0.1:{self.places.port}",
                 "rebound": f"http://rebind.example:{port}",
                 "left at 127.0.0.1": f"http://127.0.0.1:{port}",
                 "left at localhost": f"http://localhost:{port}"}
        self.tabs = {name: self.browser.open(f"{origin}/{PAGE}") for name, origin in pages.items()}
        for name in ("evil", "left at 127.0.0.1", "left at localhost"):
            self.browser.run(self.tabs[name], "kept().then(() => 1)")

        self.places.leave(port, "127.0.0.1")
        self.okap.serve(port=port)
        self.okap.add_key(self.mock, "openai")
        for method, path, answer in UPSTREAM:  # whatever the number of the row in the query
            self.mock.on(method, f"/openai/v1/{path}", Answer(body=json.dumps(answer).encode()))
        self.token = self.grant()
        for name in ("rebind.example", "vault.evil.example", "okap.localhost", "localhost.",
                     "127.0.0.1.", "0.0.0.0"):
            names[name] = "127.0.0.1"

    def close(self):
        if self.browser is not None:
            self.browser.close()
        self.okap.stop()
        self.mock.close()
        self.places.close()

    def grant(self):
        return self.okap.authorize("openai", ["gpt-4o-mini"], capabilities=["chat"])["token"]

    def standing(self):
        return standing(self.okap, self.mock)

    def attack(self, rows, port, token):
        """Has the tabs try rows; returns what their pages could read, by row."""
        if rows[0].origin == "typed":
            return {row.number: self.type_address(row, port, token) for row in rows}
        seen = {}
        for origin, tab in self.tabs.items():
            chosen = [row.for_page(port, token) for row in rows if row.origin == origin]
            if chosen:
                answers = self.browser.run(tab, f"run({json.dumps(chosen)})")
                seen.update({answer["id"]: answer["seen"] for answer in answers})
        assert len(seen) == len(rows)
        return seen

    def type_address(self, row, port, token):
        """The browser shows what came to the person: no page reads it."""
        url = row.for_page(port, token)["url"]
        if row.way:
            url = (f"http://evil.example:{self.places.port}/redirect?code={row.way}&to="
                   + urllib.parse.quote(url, safe=""))
        self.browser.go(self.tabs["typed"], url)
        return ""

    def answers(self, rows):
        """What the vault answered to rows, as the browser got it: (row, status, headers)."""
        by_number = {row.number: row for row in rows}
        mine = f":{self.okap.port}/"
        return [(by_number[row_of(url)], status, headers)
                for url, status, headers in self.browser.get_answers()
                if mine in url and row_of(url) in by_number]


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    scene = Scene(tmp_path_factory.mktemp("web"))
    yield scene
    scene.close()
    assert not scene.mock.faults


def is_refusal(seen):
    """Whether what a page saw is an answer that says no more than that."""
    try:
        return json.loads(seen[seen.index("{"):])["error"]["type"] in REFUSED
    except (ValueError, KeyError):
        return False


def check(scene, rows, may_read=None, allowed=(400, 403)):
    """Has all rows tried at the vault and looks for effects of any kind."""
    before = scene.standing()
    seen = scene.attack(rows, scene.okap.port, scene.token)
    answers = scene.answers(rows)
    effects = [f"{row} read {seen[row.number][:200]}" for row in rows
               if seen[row.number] and not (may_read and may_read(seen[row.number]))]
    effects += [f"{row} was answered {status}" for row, status, _ in answers
                if status not in allowed]
    effects += [f"{row} was answered with {name}" for row, _, headers in answers
                for name in headers if name.lower().startswith("access-control-")]
    after = scene.standing()
    effects += [f"{name} was {before[name]}, is {after[name]}" for name in before
                if before[name] != after[name]]
    assert not effects, "\n".join(effects)
    return len({row.number for row, _, _ in answers})


def test_a_program_has_these_effects(scene):
    """The calls do something if no page makes them: otherwise none of the zeros says anything."""
    token = scene.grant()
    effects = {}
    for name in ("authorize", "request", "chat", "chat by path", "own grant", "models",
                 "models by path", "discovery", "revoke"):
        call = corpus.CALLS[name]
        before = scene.standing()
        response, text = scene.okap.http(call.method, call.target(token, 0), call.text(0), {
            "Content-Type": "application/json"} if call.body is not None else {})
        assert response.status == 200, (name, text)
        if name.startswith("chat"):
            wait_until(lambda: scene.standing()["usage"] > before["usage"])
        after = scene.standing()
        effects[name] = {what for what in before if before[what] != after[what]} or bool(text)
    assert effects == {
        "authorize": {"audit", "grants"}, "request": {"audit", "grants"},
        "chat": {"upstream", "usage"}, "chat by path": {"upstream", "usage"},
        "models": {"upstream"}, "models by path": {"upstream"},
        "own grant": True, "discovery": True, "revoke": {"audit", "grants"}}


def test_pages_of_other_origins(scene):
    rows = corpus.make()
    reached = check(scene, rows)
    # The same at a vault that trusts everybody: what does not arrive there is no attack.
    read = scene.attack(rows, scene.places.trusting_port, scene.token)
    sure = {row.number: row for row in rows if row.sure}

    def missing():
        arrived = {hit.row for hit in scene.places.hits if hit.method != "OPTIONS"}
        return [str(row) for number, row in sure.items() if number not in arrived]

    try:
        wait_until(lambda: not missing())
    except AssertionError:
        pass
    assert not missing(), "\n".join(missing())
    arrived = {hit.row for hit in scene.places.hits if hit.method != "OPTIONS"}
    assert reached >= len(sure) // 2
    print(f"\n{len(rows)} attacks, 0 effects; {reached} were answered by the vault. At a vault "
          f"that trusts, {len(arrived)} arrived and {sum(map(bool, read.values()))} could read")


def test_rebinding(scene):
    """The page's name led to the attacker's site when it was loaded, and leads to the vault now."""
    tab = scene.tabs["rebound"]
    # Connections of before may still be there: until the last one is used up, the site answers.
    wait_until(lambda: "attacks.js" not in scene.browser.run(
        tab, f"fetch('/{PAGE}', {{cache: 'no-store'}}).then((answer) => answer.text())"))
    rows = corpus.make_rebound(10000)
    reached = check(scene, rows, is_refusal)
    assert reached > len(rows) // 2
    print(f"\n{len(rows)} attacks by rebinding, 0 effects; {reached} were answered by the vault")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_pages_left_at_the_address(scene, host):
    """Another program had the port before and left a page that its service worker keeps."""
    tab = scene.tabs[f"left at {host}"]
    scene.browser.go(tab, f"http://{host}:{scene.okap.port}/{PAGE}")
    rows = corpus.make_inherited(20000, host)
    reached = check(scene, rows, is_refusal)
    assert reached > len(rows) // 2
    print(f"\n{len(rows)} attacks of a page left at {host}, 0 effects; {reached} were answered")


def test_addresses_with_a_token(scene):
    """A person opens an address from a mail, or one that leads there: a token in it is not used."""
    rows = corpus.make_typed()
    reached = check(scene, rows, allowed=(403, 404, 405))
    assert reached == len(rows)
    print(f"\n{len(rows)} addresses opened by a person, 0 effects")
