# SPDX-License-Identifier: GPL-3.0-or-later
"""okap serve --bus: what each request ends with, and what is no request at all."""
import json

import pytest
from gi.repository import GLib

from client import (ENDED, GRANTED, MAIN, NAME, PATH, POLICY, REFUSED, REQUEST, BusError, ask_for,
                    challenge_of, match_of, pump)

INVALID = "org.freedesktop.DBus.Error.InvalidArgs"
DENIED = "org.freedesktop.DBus.Error.AccessDenied"


def test_granted_and_redeemed(bus, serve):
    client = bus.client()
    handle = client.ask()
    code, results = handle.wait()
    assert code == GRANTED, results
    assert handle.states[-1] == "decided" and handle.state() == "decided"
    assert set(results) == {"grant_id", "authorization_details", "code", "expires_in", "redeem"}
    details = json.loads(results["authorization_details"])
    assert details[0]["provider"] == "demo" and details[0]["models"] == ["demo-fast"]
    assert details[0]["base_url"] == f"{serve.origin}/v1/demo"
    assert results["expires_in"] == 60
    assert results["redeem"] == {"socket": serve.socket_path,
                                 "url": f"{serve.origin}/okap/redeem"}
    assert len(handle.responses) == 1
