# SPDX-License-Identifier: GPL-3.0-or-later
"""The attacks of pages, as rows: from which origin, in what place, by which way of attacks.js,
which call, at which spelling of the vault's address. To add a call, add it to CALLS and to the
groups that try it; to add a way, write it in attacks.js and name it in POSTS or GETS.
"""
import dataclasses
import json

CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}]}
ENTRY = {"provider": "demo", "models": ["demo-fast"], "capabilities": ["chat"],
         "limits": {"monthly_spend": 1}}
# In requests: {token} is of a grant that stands, {id} the row.
REQUEST_A = {"okap": "1.0", "authorization_details": [dict(ENTRY, type="ai_model_access")],
             "client": {"name": "row {id}"}}
REQUEST_C = dict(ENTRY, okap="1.0", app_name="row {id}")


@dataclasses.dataclass(frozen=True)
class Call:
    method: str
    path: str
    body: object = None
    headers: tuple = ()    # what a plain program adds; a page does so only in its own ways

    def target(self, token, row):
        mark = "&" if "?" in self.path else "?"
        return self.path.replace("{token}", token) + f"{mark}row={row}"

    def text(self, row):
        return None if self.body is None else json.dumps(self.body).replace("{id}", str(row))


CALLS = {
    "authorize": Call("POST", "/okap/authorize", REQUEST_A),
    "request": Call("POST", "/okap/request", REQUEST_C),
    "redeem": Call("POST", "/okap/redeem", {"code": "A" * 43, "code_verifier": "v" * 43}),
    "revoke": Call("POST", "/okap/revoke?key={token}", {}),
    "chat": Call("POST", "/v1/openai/chat/completions?key={token}", CHAT),
    "chat by path": Call("POST", "/v1/openai/~{token}/chat/completions", CHAT),
    "run": Call("POST", "/okap/control/run", REQUEST_A),
    "own grant": Call("GET", "/okap/grant?key={token}"),
    "models": Call("GET", "/v1/openai/models?key={token}"),
    "models by path": Call("GET", "/v1/openai/~{token}/models"),
    "discovery": Call("GET", "/.well-known/okap"),
    "status": Call("GET", "/okap/control/status"),
    "authorize by GET": Call("GET", "/okap/authorize?okap=1.0&provider=demo"),
}
REPLACED = ("PUT", "PATCH", "DELETE")

POSTS = ("fetch", "fetch as JSON", "fetch no-cors", "fetch no-cors as JSON", "fetch with login",
         "fetch keepalive", "fetch with token", "fetch with header", "fetch to loopback",
         "fetch with no referrer", "xhr", "xhr as JSON", "xhr watched", "xhr with login", "worker",
         "worker no-cors", "worker of a blob", "shared worker", "service worker",
         "service worker no-cors", "beacon", "beacon of a blob", "beacon as JSON",
         "beacon of a form", "form", "form multipart", "form as text", "redirected fetch",
         "redirected no-cors", "redirected JSON", "redirected beacon", "redirected form")
GETS = ("fetch", "fetch no-cors", "fetch with token", "fetch with login", "xhr", "cache", "worker",
        "service worker", "import", "import in a worker", "event source", "web socket", "form",
        "link in a frame", "location of a frame", "frame", "frame without referrer",
        "refreshed frame", "refresh header", "image", "image with CORS", "image of a set", "script",
        "module", "style sheet", "object", "embed", "video", "audio", "track", "input",
        "picture of SVG", "use of SVG", "prefetch", "preload", "module preload", "icon", "hints",
        "rules", "style import", "background", "font", "redirected fetch", "redirected no-cors",
        "redirected image", "redirected script", "redirected frame", "redirected source")
# Sent by the browser for a page, with a method and body of its own.
SENT = ("ping", "report")
# Of these, browsers send some only now and then: they are tried, and what comes of them is told.
MAYBE = {"fetch same-origin", "icon", "rules", "hints", "prefetch", "preload", "module preload",
         "track", "use of SVG", "report", "ping", "import", "module", "image with CORS",
         "refresh header", "event source", "redirected source", "worker of a blob", "popup",
         "form in a popup"}

# Where neither workers nor the site's own redirects are at hand.
BARE_POSTS = ("fetch", "fetch as JSON", "fetch no-cors", "fetch with token", "xhr", "beacon",
              "form", "form multipart", "form as text")
BARE_GETS = ("fetch", "fetch no-cors", "fetch with token", "web socket", "form", "frame", "image",
             "script", "style sheet", "object", "style import", "link in a frame")

SPELLINGS = ("localhost", "[::1]", "LOCALHOST", "127.1", "2130706433", "0x7f.1", "017700000001",
             "127.0.0.1.", "localhost.", "0.0.0.0", "[::ffff:127.0.0.1]", "okap.localhost",
             "vault.evil.example")
# What is told of these depends on the browser: some it rewrites, some it refuses by itself.
SPELLED_MAYBE = {"localhost.", "127.0.0.1.", "0.0.0.0", "[::ffff:127.0.0.1]", "okap.localhost"}
SPELLED_WAYS = (("fetch as JSON", "authorize"), ("fetch no-cors", "authorize"),
                ("form as text", "authorize"), ("fetch", "chat"), ("image", "models"),
                ("frame", "own grant"))


@dataclasses.dataclass(frozen=True)
class Row:
    number: int
    origin: str            # whose page: a key of the test's tabs
    place: str             # page, sandbox, data
    way: str
    call: str
    host: str              # of the vault, as it is spelled
    sure: bool             # whether it must reach a vault that trusts everybody
    method: str = ""       # instead of the call's own

    def __str__(self):
        return f"{self.number}: {self.origin} ({self.place}), {self.way}, {self.call}, {self.host}"

    def for_page(self, port, token):
        call = CALLS[self.call]
        return {"id": self.number, "place": self.place, "way": self.way, "token": token,
                "url": f"http://{self.host}:{port}{call.target(token, self.number)}",
                "method": self.method or call.method,
                "body": call.text(self.number)}


class Rows(list):
    def put(self, origin, way, call, place="page", host="127.0.0.1", sure=True, method=""):
        sure = sure and way not in MAYBE
        self.append(Row(len(self) + 1, origin, place, way, call, host, sure, method))

    def put_all(self, origin, posts, gets, post_calls, get_calls, **more):
        for ways, calls in ((posts, post_calls), (gets, get_calls)):
            for way in ways:
                for call in calls:
                    self.put(origin, way, call, **more)


def make():
    """All rows of pages that have another origin than the vault."""
    rows = Rows()
    posts = ("authorize", "request", "redeem", "revoke", "chat")
    rows.put_all("evil", POSTS, GETS, posts, ("own grant", "models"))
    rows.put_all("evil", BARE_POSTS[:4], BARE_GETS[:6], ("chat by path", "run"),
                 ("models by path", "discovery", "status", "authorize by GET"))
    for method in REPLACED:
        for call in ("authorize", "chat"):
            rows.put("evil", "fetch as JSON", call, method=method)
    for way in SENT:
        rows.put("evil", way, "revoke")
        rows.put("evil", way, "authorize")
    rows.put("opener", "popup", "models")
    rows.put("opener", "popup", "own grant")
    rows.put("opener", "form in a popup", "authorize")
    rows.put("opener", "form in a popup", "chat")
    # Another port of the same address: the same site, as browsers see it.
    rows.put_all("neighbour", BARE_POSTS, BARE_GETS, ("authorize", "revoke", "chat"),
                 ("own grant", "models"))
    for place in ("sandbox", "data"):
        gets = [way for way in BARE_GETS if (way, place) != ("object", "sandbox")]
        rows.put_all("evil", BARE_POSTS, gets, ("authorize", "revoke", "chat"),
                     ("own grant", "models"), place=place)
    for host in SPELLINGS:
        for way, call in SPELLED_WAYS:
            rows.put("evil", way, call, host=host, sure=host not in SPELLED_MAYBE)
    return rows


def make_typed():
    """What a person opens: an address that was sent in a mail, and a site that leads on to it. The
    second is where the way comes in, which is the status of the redirect."""
    rows = Rows()
    for way in ("", "301", "302", "303", "307", "308"):
        for call in ("own grant", "models", "models by path", "authorize by GET", "status"):
            rows.put("typed", way, call)
    return [dataclasses.replace(row, number=row.number + 30000) for row in rows]


def make_rebound(first):
    """Rows of a page whose name leads to the vault by now: for the browser one origin."""
    rows = Rows()
    rows.put_all("rebound", BARE_POSTS, BARE_GETS, ("authorize", "revoke", "chat"),
                 ("own grant", "models", "discovery"), host="rebind.example")
    return [dataclasses.replace(row, number=row.number + first) for row in rows]


def make_inherited(first, host):
    """Rows of a page that another program served at the vault's own address before."""
    rows = Rows()
    rows.put_all(f"left at {host}", (*BARE_POSTS, "worker", "service worker"),
                 (*BARE_GETS, "worker", "service worker"),
                 ("authorize", "request", "revoke", "chat", "chat by path"),
                 ("own grant", "models", "models by path"), host=host)
    return [dataclasses.replace(row, number=row.number + first) for row in rows]
