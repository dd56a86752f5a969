# SPDX-License-Identifier: GPL-3.0-or-later
"""What every mock checks before it answers, and the words it answers with.

A row names method and path, the members that a body must and may have with their types, and the
answer. Whatever else is in the request is a fault: it is kept in the list that tests look at, and
answered as the vendor would, with the reason. Nothing of Okap may reach a provider: no token, no
header, no member, no key of another provider.
"""
import json
import re
from dataclasses import dataclass, field

TOKEN = re.compile(rb"okap_[A-Za-z0-9_-]{49}")
KEYS = {"openai": "sk-proj-CanaryOpenAI0123456789abcdefghijT3BlbkFJ0123456789",
        "anthropic": "sk-ant-api03-CanaryAnthropic" + "0123456789" * 8,
        "google": "AIzaCanaryGoogle0123456789abcdefghijk012",
        "groq": "gsk_CanaryGroq" + "0123456789" * 4 + "ab",
        "together": "tgp_v1_CanaryTogether" + "0123456789" * 2 + "abcdefghi",
        "mistral": "CanaryMistral0123456789abcdefghi",
        "cohere": "CanaryCohere0123456789abcdefghijklmnopqr",
        "replicate": "r8_CanaryReplicate0123456789abcdefghijk",
        "cerebras": "csk-canarycerebras0123456789abcdefghijklmnopqrstuvwx",
        "openrouter": "sk-or-v1-" + "0c" * 32,
        "ollama": "0123456789abcdef0123456789abcdef.CanaryOllama0123456789ab",
        "azure-openai": "CanaryAzureOpenAI" + "0123456789" * 6 + "abcdefg",
        "other": "CanaryOther0123456789abcdef"}
# Where a key may stand; each but the vendor's own place must be empty.
KEY_HEADERS = ("authorization", "x-api-key", "x-goog-api-key", "api-key", "x-portkey-api-key",
               "proxy-authorization", "cookie")
KEY_QUERIES = ("key", "access_token", "api_key")

# In place of a row's members: any bytes, which the answer looks at.
ANY = {"*": bytes}
NUMBER = (int, float)
# The types of members that have the same one in every API that knows them.
TYPES = {"stream": bool, "temperature": NUMBER, "top_p": NUMBER, "max_tokens": int, "n": int,
         "seed": int, "user": str, "stop": (str, list), "tools": list, "store": bool,
         "max_completion_tokens": int, "max_output_tokens": int, "stream_options": dict,
         "metadata": dict, "service_tier": str, "response_format": (str, dict),
         "instructions": str, "reasoning_effort": str, "dimensions": int, "encoding_format": str,
         "top_n": int, "steps": int, "suffix": str, "options": dict, "language": str,
         "partial_images": int, "generationConfig": dict, "system": (str, list)}


@dataclass
class Seen:
    """One request as it arrived."""
    method: str
    target: str
    headers: list  # of (name in lower case, value)
    head: bytes
    body: bytes

    def header(self, name):
        values = [v for n, v in self.headers if n == name]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    @property
    def path(self):
        return self.target.split("?")[0]

    @property
    def query(self):
        _, _, text = self.target.partition("?")
        return [tuple(pair.partition("=")[::2]) for pair in text.split("&")] if text else []

    def json(self):
        return json.loads(self.body)


@dataclass
class Answer:
    """What is sent back: whole, or in pieces with a pause (seconds) before each."""
    status: int = 200
    content_type: str = "application/json"
    body: bytes = b""
    pieces: list = None
    pause: float = 0.0
    headers: dict = field(default_factory=dict)
    cut_after: int = None  # break the connection after this many pieces


class Fault(Exception):
    """What was wrong with a request."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status
        self.message = message


def reply(value, **headers):
    return Answer(body=json.dumps(value, ensure_ascii=False).encode(), headers=headers)


def sse(*events, event_names=False, name="type"):
    """Events as pieces; text stands for itself, in a data line unless it is a comment."""
    pieces = []
    for event in events:
        text = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
        head = f"event: {event[name]}\n" if event_names else ""
        pieces.append((f"{text}\n\n" if text.startswith(":") else
                       f"{head}data: {text}\n\n").encode())
    return pieces


def stream(*events, **how):
    return Answer(content_type="text/event-stream", pieces=sse(*events, **how), pause=0.002)


class Each:
    """A list, not empty, of objects with these members, or of these types."""

    def __init__(self, *types, **members):
        self.types = types
        self.members = members

    def check(self, name, value):
        if not isinstance(value, list) or not value:
            raise Fault(422, f"{name}: expected a list with something in it")
        for i, item in enumerate(value):
            if self.types:
                check_type(f"{name}[{i}]", item, self.types)
                continue
            check_type(f"{name}[{i}]", item, dict)
            for member, kind in self.members.items():
                if member not in item:
                    raise Fault(422, f"{name}[{i}].{member} is missing")
                check_type(f"{name}[{i}].{member}", item[member], kind)


def check_type(name, value, kind):
    if isinstance(kind, Each):
        kind.check(name, value)
        return
    kinds = kind if isinstance(kind, tuple) else (kind,)
    is_odd_bool = isinstance(value, bool) and bool not in kinds and object not in kinds
    if is_odd_bool or not isinstance(value, kinds):
        raise Fault(422, f"{name}: {type(value).__name__} was not expected")


@dataclass
class Row:
    """One endpoint. A path may have {names}, which the answer gets as keyword arguments."""
    method: str
    path: str
    answer: object  # Answer, or function of Seen (and the path's names) that makes one
    needs: dict = None  # members with their types; None: the request has no body
    may: str = ""  # other members, by name
    form: bool = False  # multipart/form-data in place of JSON
    query: str = ""  # what may be in the query
    auth: str = "own"  # the vendor's place for a key; "any": or a Bearer; "none"

    def __post_init__(self):
        names = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/:]+)", re.escape(self.path))
        self.pattern = re.compile(names.replace("/\\*", "/.+"))
        self.members = dict(self.needs or {})
        self.members.update({name: TYPES.get(name, object) for name in self.may.split()})


@dataclass
class Vendor:
    """One provider: where its root is, how its key is sent, how it words an error."""
    name: str
    root: str  # what Okap is given as base URL, after the vendor's name
    rows: list
    error: object  # function of Fault that makes the body
    header: str = "authorization"
    prefix: str = "Bearer "
    base: str = None  # what its own package is given, where that is not the root

    @property
    def key(self):
        return KEYS.get(self.name, KEYS["other"])

    def answer(self, seen, path):
        """The answer to a request whose path, without the vendor's name, is given."""
        check_head(seen)
        found = [(row, match) for row in self.rows
                 if (match := row.pattern.fullmatch(path)) is not None]
        if not found:
            raise Fault(404, f"the mock has no path {path}")
        fitting = [(row, match) for row, match in found if row.method == seen.method]
        if not fitting:
            raise Fault(405, f"the mock has no {seen.method} {path}")
        row, match = fitting[0]
        self.check_key(seen, row.auth)
        check_query(seen, row)
        check_body(seen, row)
        if callable(row.answer):
            return row.answer(seen, **match.groupdict())
        return row.answer

    def check_key(self, seen, auth="own"):
        place, prefix = self.header, self.prefix
        if auth == "any" and seen.header("authorization"):
            place, prefix = "authorization", "Bearer "
        for name in KEY_HEADERS:
            value = seen.header(name)
            if auth != "none" and name == place:
                if value != prefix + self.key:
                    raise Fault(401, f"{name} has not this vendor's key")
            elif value:
                raise Fault(401, f"{name} was not expected")

    def refuse(self, fault):
        return Answer(fault.status, body=json.dumps(self.error(fault)).encode())


def check_head(seen):
    for name in ("host", "content-length", "content-type", "authorization", "accept"):
        if len([n for n, _ in seen.headers if n == name]) > 1:
            raise Fault(400, f"{name} came twice")
    if TOKEN.search(seen.head) or TOKEN.search(seen.body):
        raise Fault(400, "a token of Okap arrived")
    for name, value in seen.headers:
        if "okap" in name or "okap" in value.lower():
            raise Fault(400, f"the header {name} tells of Okap")
        if name in ("origin", "forwarded", "via") or name.startswith("x-forwarded"):
            raise Fault(400, f"the header {name} tells of a proxy")


def check_query(seen, row):
    for name, _ in seen.query:
        if name in KEY_QUERIES:
            raise Fault(401, f"a key in the query ({name}) was not expected")
        if name not in row.query.split():
            raise Fault(400, f"{name} in the query was not expected")


def check_body(seen, row):
    kind = seen.header("content-type") or ""
    if row.needs is ANY:
        return
    if row.needs is None:
        if seen.body:
            raise Fault(400, "a body was not expected")
        return
    if row.form:
        members = read_form(seen.body, kind)
    else:
        if kind.split(";")[0].strip() != "application/json":
            raise Fault(415, f"application/json was expected, not “{kind}”")
        members = read_json(seen.body)
    for name in row.needs:
        if name not in members:
            raise Fault(422, f"{name} is missing")
    for name, value in members.items():
        if name not in row.members:
            raise Fault(422, f"the member {name} was not expected")
        if value is not None and not row.form:
            check_type(name, value, row.members[name])


def read_json(body):
    def unique(pairs):
        if len({name for name, _ in pairs}) != len(pairs):
            raise Fault(400, "a member came twice")
        return dict(pairs)

    try:
        members = json.loads(body, object_pairs_hook=unique)
    except ValueError as error:
        raise Fault(400, f"the body is no JSON: {error}") from None
    if not isinstance(members, dict):
        raise Fault(400, "the body is no object")
    return members


def read_form(body, kind):
    """The parts of a multipart body by their names; only bytes, not decoded."""
    match = re.fullmatch(r"multipart/form-data; ?boundary=\"?([^\";]+)\"?", kind)
    if match is None:
        raise Fault(415, f"multipart/form-data was expected, not “{kind}”")
    mark = b"--" + match[1].encode()
    parts = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(parts) < 3 or parts[0] or parts[-1].strip(b"\r\n") != b"--":
        raise Fault(400, "the multipart body is broken")
    members = {}
    for part in parts[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        if name is None:
            raise Fault(400, "a part has no name")
        if name[1].decode() in members:
            raise Fault(400, f"the part {name[1].decode()} came twice")
        members[name[1].decode()] = value
    return members
