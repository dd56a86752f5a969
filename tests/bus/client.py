# SPDX-License-Identifier: GPL-3.0-or-later
"""An app that asks over the session bus, written from data/dbus/com.example.Okap1.xml alone."""
import base64
import hashlib
import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from gi.repository import Gio, GLib

NAME = "com.example.Okap"
PATH = "/com/example/Okap"
MAIN = "com.example.Okap1"
REQUEST = "com.example.Okap1.Request"
PROPERTIES = "org.freedesktop.DBus.Properties"

GRANTED, REFUSED, ENDED, POLICY = range(4)


def pump(until, seconds=15, message="nothing came"):
    """Runs this thread's main context until UNTIL gives something, which is returned."""
    context = GLib.MainContext.default()
    end = time.monotonic() + seconds
    while True:
        found = until()
        if found:
            return found
        assert time.monotonic() < end, f"{message} in {seconds} s"
        if not context.iteration(False):
            time.sleep(0.002)


def challenge_of(verifier):
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def match_of(challenge):
    digest = hashlib.sha256(b"okap-match:" + challenge.encode()).digest()
    return f"{int.from_bytes(digest[:4], 'big') % 100:02d}"


def ask_for(provider="demo", models=("demo-fast",), name="Bus App", limits=None, **more):
    details = {"type": "ai_model_access", "provider": provider, "models": list(models),
               "capabilities": ["chat"], "reason": "A test on the bus",
               "limits": limits or {"monthly_spend": 1.0}}
    return {"okap": "1.0", "authorization_details": [details], "client": {"name": name, **more}}


class BusError(Exception):
    def __init__(self, error):
        super().__init__(error.message)
        self.name = Gio.DBusError.get_remote_error(error)


class Handle:
    """A request as its caller sees it. PATH is foreseen, and corrected by what comes back."""

    def __init__(self, client, path):
        self.client = client
        self.path = path
        self.responses = []
        self.states = []      # as PropertiesChanged told them
        self.replied = False
        self.error = None
        self.subscriptions = []
        self.subscribe(path)

    def subscribe(self, path):
        bus = self.client.connection
        self.subscriptions += [
            bus.signal_subscribe(NAME, REQUEST, "Response", path, None,
                                 Gio.DBusSignalFlags.NONE, self._response),
            bus.signal_subscribe(NAME, PROPERTIES, "PropertiesChanged", path, None,
                                 Gio.DBusSignalFlags.NONE, self._changed)]

    def _response(self, bus, sender, path, interface, signal, parameters):
        assert self.replied, "Response came before the reply"
        self.responses.append(parameters.unpack())

    def _changed(self, bus, sender, path, interface, signal, parameters):
        self.states.append(parameters.unpack()[1]["State"])

    def returned(self, path):
        self.replied = True
        if path != self.path:
            self.path = path
            self.subscribe(path)

    def wait(self, seconds=15):
        code, results = pump(lambda: self.responses, seconds, "no Response came")[0]
        return code, results

    def reason(self, seconds=15):
        code, results = self.wait(seconds)
        assert results["message"], results
        return code, results["reason"]

    def state(self):
        return self.client.get(self.path, REQUEST, "State")

    def match_code(self):
        return self.client.get(self.path, REQUEST, "MatchCode")

    def close(self, client=None):
        (client or self.client).call(self.path, REQUEST, "Close")

    def forget(self):
        for subscription in self.subscriptions:
            self.client.connection.signal_unsubscribe(subscription)


class Client:
    """One connection to the bus."""

    redeemed = set()   # every token that any test redeemed
    codes = set()      # and the codes for them

    def __init__(self, address):
        self.connection = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self.connection.set_exit_on_close(False)
        self.name = self.connection.get_unique_name()
        self.verifier = secrets.token_urlsafe(48)

    def leave(self):
        if not self.connection.is_closed():
            self.connection.close_sync(None)

    def call_raw(self, path, interface, method, parameters=None, name=NAME, seconds=10):
        """Through the main context, so that the signals on the way are seen in their order."""
        done = []
        self.connection.call(name, path, interface, method, parameters, None,
                             Gio.DBusCallFlags.NONE, seconds * 1000, None,
                             lambda bus, result: done.append(result))
        pump(lambda: done, seconds + 1, f"no reply to {method}")
        try:
            return self.connection.call_finish(done[0])
        except GLib.Error as error:
            raise BusError(error) from None

    def call(self, path, interface, method, parameters=None, **kwargs):
        reply = self.call_raw(path, interface, method, parameters, **kwargs)
        values = reply.unpack()
        return values[0] if len(values) == 1 else values or None

    def get(self, path, interface, name):
        return self.call(path, PROPERTIES, "Get", GLib.Variant("(ss)", (interface, name)))

    def main(self, method, parameters=None):
        return self.call(PATH, MAIN, method, parameters)

    def path_of(self, token):
        return f"{PATH}/request/{self.name[1:].replace('.', '_')}/{token}"

    def options(self, token=None, **more):
        options = {"code_challenge": GLib.Variant("s", challenge_of(self.verifier))}
        if token is not None:
            options["handle_token"] = GLib.Variant("s", token)
        options.update({name: GLib.Variant(*value) for name, value in more.items()})
        return {name: value for name, value in options.items() if value is not None}

    def send(self, body=None, token=None, parent="", options=None, **more):
        """Asks without waiting for the reply."""
        token = token or "t" + secrets.token_hex(8)
        handle = Handle(self, self.path_of(token))
        text = body if isinstance(body, str) else json.dumps(body or ask_for())
        if options is None:
            options = self.options(token, **more)
        self.connection.call(NAME, PATH, MAIN, "RequestAccess",
                             GLib.Variant("(ssa{sv})", (parent, text, options)), None,
                             Gio.DBusCallFlags.NONE, 60000, None, self._replied, handle)
        return handle

    def _replied(self, bus, result, handle):
        try:
            handle.returned(bus.call_finish(result).unpack()[0])
        except GLib.Error as error:
            handle.error = BusError(error)

    def ask(self, *args, **kwargs):
        handle = self.send(*args, **kwargs)
        pump(lambda: handle.replied or handle.error, 30, "no reply to RequestAccess")
        if handle.error:
            raise handle.error
        return handle

    # Redeeming

    def redeem(self, results, verifier=None, over="socket"):
        """POST /okap/redeem; returns status and answer."""
        body = json.dumps({"code": results["code"], "code_verifier": verifier or self.verifier})
        redeem = results["redeem"]
        if over == "socket":
            connection = http.client.HTTPConnection("localhost")
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.settimeout(20)
            connection.sock.connect(redeem["socket"])
        else:
            host = redeem["url"].split("/")[2]
            connection = http.client.HTTPConnection(host, timeout=20)
        connection.request("POST", "/okap/redeem", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read())
        connection.close()
        Client.codes.add(results["code"])
        if "token" in answer:
            Client.redeemed.add(answer["token"])
        return response.status, answer


AGENT = """
import json, sys
sys.path.insert(0, sys.argv[2])
from gi.repository import GLib
from client import BusError, Client
client, handle = Client(sys.argv[1]), None
def say(*what):
    print(json.dumps(what), flush=True)
class Said(list):
    def __init__(self, kind):
        self.kind = kind
    def append(self, what):
        super().append(what)
        say(self.kind, what)
def read(source, condition):
    global handle
    words = sys.stdin.readline()
    if not words:
        sys.exit()
    method, arguments = json.loads(words)
    try:
        if method == "ask":
            handle = client.send(**arguments)
            handle.states, handle.responses = Said("state"), Said("response")
        elif method == "redeem":
            say("done", client.redeem(handle.responses[0][1], **arguments))
        elif method == "state":
            say("done", handle.state())
        else:
            say("done", handle.close())
    except BusError as error:
        say("error", error.name)
    return True
GLib.io_add_watch(0, GLib.IO_IN | GLib.IO_HUP, read)
GLib.MainLoop().run()
"""


class Agent:
    """A program of its own that asks: Okap tells it from all others. It has what a Handle has."""

    count = 0

    def __init__(self, address, folder):
        Agent.count += 1
        script = Path(folder) / f"agent{Agent.count}.py"
        script.write_text(f"# number {Agent.count}\n{AGENT}")
        self.process = subprocess.Popen(
            (sys.executable, "-B", str(script), address, str(Path(__file__).parent)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.states, self.responses, self.answers = [], [], []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            kind, what = json.loads(line)
            {"state": self.states, "response": self.responses}.get(kind, self.answers).append(what)

    def tell(self, method, **arguments):
        self.process.stdin.write(json.dumps([method, arguments]) + "\n")
        self.process.stdin.flush()

    def ask(self, body=None, **arguments):
        self.tell("ask", body=body, **arguments)
        return self

    def call(self, method, **arguments):
        self.tell(method, **arguments)
        pump(lambda: self.answers, 20, f"no answer to {method}")
        return self.answers.pop(0)

    def close(self):
        return self.call("close")

    def state(self):
        return self.call("state")

    def redeem(self, **arguments):
        status, answer = self.call("redeem", **arguments)
        if "token" in answer:
            Client.redeemed.add(answer["token"])
        return status, answer

    def leave(self):
        """Without a word, as a program does that crashes."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()

    wait, reason = Handle.wait, Handle.reason


class Monitor:
    """Everything that passes over a bus, as bytes in a file."""

    def __init__(self, bus, folder):
        self.path = folder / f"monitor-{secrets.token_hex(4)}.bin"
        self.file = open(self.path, "wb")
        self.process = subprocess.Popen(("dbus-monitor", "--address", bus.address, "--binary"),
                                        stdin=subprocess.DEVNULL, stdout=self.file,
                                        stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while os.stat(self.path).st_size == 0:  # it sees its own becoming one
            assert time.monotonic() < deadline, "the monitor does not start"
            time.sleep(0.01)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.file.close()
        return self.path.read_bytes()
