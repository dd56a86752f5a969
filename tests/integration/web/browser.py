# SPDX-License-Identifier: GPL-3.0-or-later
"""A headless Chromium, driven through its DevTools protocol over a pipe.

A thread reads. Every page, frame, worker and popup is attached to as soon as it exists and waits
until its network is watched, so that get_answers() knows the head of every answer that came from
the network, whichever page may see it.
"""
import itertools
import json
import os
import shutil
import subprocess
import threading

# The browser's own guards are off: they differ between browsers and between versions, and what is
# tested is Okap. Whatever has a name is looked up by the SOCKS server of the test.
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--disable-extensions", "--disable-popup-blocking", "--mute-audio",
    "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets,"
    "LocalNetworkAccessChecksWebRTC,PrivateNetworkAccessForNavigations,Translate,"
    "HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,OptimizationHints,MediaRouter",
    "--disable-renderer-backgrounding", "--disable-background-timer-throttling",
    "--disable-background-media-suspend", "--disable-backgrounding-occluded-windows",
    "--remote-debugging-pipe",
]
TARGETS = ("page", "iframe", "worker", "shared_worker", "service_worker")
SECONDS = 60


def find():
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    def __init__(self, folder, socks_port, trusted=()):
        self.asked = {}     # (session, request) → the URLs it was led to, one after the other
        self.heads = {}     # (session, request) → (status, headers) from the network, likewise
        self.others = []    # (URL, status, headers) of what the network did not tell apart
        self.waiting = {}
        self.loaded = {}    # session → event: its page was loaded
        self.sessions = {}  # target → session
        self.numbers = itertools.count(1)
        self.lock = threading.Lock()
        env = {name: value for name, value in os.environ.items()
               if name not in ("LD_PRELOAD", "DISPLAY", "WAYLAND_DISPLAY",
                               "DBUS_SESSION_BUS_ADDRESS")}
        env["HOME"] = str(folder)
        commands, self.write_fd = os.pipe()
        self.read_fd, events = os.pipe()
        # The browser reads commands from 3 and writes events to 4; a shell puts them there, since
        # a descriptor that Python opened may have either number already.
        script = f'exec "$@" 3<&{commands} 4>&{events}'
        if {commands, events} & {3, 4}:
            script = (f'exec 8<&{commands} 9>&{events}; exec "$@" 3<&8 4>&9')
        self.log = open(folder / "browser.log", "wb")
        self.process = subprocess.Popen(
            ["bash", "-c", script, "browser", find(), *FLAGS, f"--user-data-dir={folder}/profile",
             f"--proxy-server=socks5://127.0.0.1:{socks_port}",
             f"--unsafely-treat-insecure-origin-as-secure={','.join(trusted)}", "about:blank"],
            env=env, pass_fds=(commands, events), stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, start_new_session=True)
        os.close(commands)
        os.close(events)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        self._watch(None)

    def close(self):
        try:
            self.call("Browser.close")
            self.process.wait(20)
        except (OSError, RuntimeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.write_fd)
        self.thread.join(10)
        os.close(self.read_fd)
        self.log.close()

    def _send(self, number, method, params, session):
        message = {"id": number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        with self.lock:
            while data:
                data = data[os.write(self.write_fd, data):]

    def call(self, method, session=None, seconds=SECONDS, **params):
        """Calls a method of the protocol; returns what it answers."""
        number = next(self.numbers)
        done = threading.Event()
        answer = {}
        self.waiting[number] = (done, answer)
        self._send(number, method, params, session)
        if not done.wait(seconds):
            raise RuntimeError(f"{method}: no answer within {seconds} s")
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def _tell(self, method, session, **params):
        self._send(next(self.numbers), method, params, session)

    def _watch(self, session):
        self._tell("Target.setAutoAttach", session, autoAttach=True, waitForDebuggerOnStart=True,
                   flatten=True, filter=[*({"type": kind} for kind in TARGETS), {"exclude": True}])

    def _read(self):
        rest = b""
        while True:
            try:
                data = os.read(self.read_fd, 1 << 20)
            except OSError:
                data = b""
            if not data:
                break
            *messages, rest = (rest + data).split(b"\0")
            for message in messages:
                self._take(json.loads(message))
        for done, answer in list(self.waiting.values()):
            answer["error"] = "the browser is gone"
            done.set()

    def _take(self, message):
        if "id" in message:
            done, answer = self.waiting.pop(message["id"], (None, None))
            if done is not None:
                answer.update(message)
                done.set()
            return
        session, params = message.get("sessionId"), message["params"]
        match message["method"]:
            case "Target.attachedToTarget":
                child = params["sessionId"]
                self.loaded[child] = threading.Event()
                self.sessions[params["targetInfo"]["targetId"]] = child
                self._tell("Network.enable", child)
                self._tell("Page.enable", child)
                self._watch(child)
                self._tell("Runtime.runIfWaitingForDebugger", child)
            case "Network.requestWillBeSent":
                urls = self.asked.setdefault((session, params["requestId"]), [])
                if "redirectResponse" in params and not params.get("redirectHasExtraInfo"):
                    self._note(urls.pop(), params["redirectResponse"])
                urls.append(params["request"]["url"])
            case "Network.responseReceivedExtraInfo":
                heads = self.heads.setdefault((session, params["requestId"]), [])
                heads.append((params["statusCode"], params["headers"]))
            case "Network.responseReceived" if not params.get("hasExtraInfo"):
                self._note(params["response"]["url"], params["response"])
            case "Network.webSocketCreated":
                self.asked[session, params["requestId"]] = [params["url"]]
            case "Network.webSocketHandshakeResponseReceived":
                self._note(self.asked[session, params["requestId"]][0], params["response"])
            case "Page.javascriptDialogOpening":
                self._tell("Page.handleJavaScriptDialog", session, accept=True)
            case "Page.loadEventFired":
                self.loaded[session].set()

    def _note(self, url, response):
        self.others.append((url, response["status"], response["headers"]))

    # What the tests use

    def open(self, url):
        """Opens an address as if a person had typed it; returns the tab's session when loaded."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.sessions[target]  # attached to before it was made known
        self.call("Page.enable", session)
        self.go(session, url)
        return session

    def go(self, session, url):
        self.loaded[session].clear()
        self.call("Page.navigate", session, url=url)
        assert self.loaded[session].wait(SECONDS), f"{url} was not loaded"

    def run(self, session, expression, seconds=2 * SECONDS):
        """Evaluates JavaScript in a tab and waits for what it promises."""
        self.call("Page.bringToFront", session)  # what lies behind loads no media
        answer = self.call("Runtime.evaluate", session, seconds, expression=expression,
                           awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:2000])
        return answer["result"].get("value")

    def get_answers(self):
        """All answers so far: (URL, status, headers)."""
        return self.others + [(url, *head) for request, heads in list(self.heads.items())
                              for url, head in zip(self.asked.get(request, []), heads)]
