# SPDX-License-Identifier: GPL-3.0-or-later
"""Preferences that a server takes, too: its port, and limits for requests that name none."""
import json
import socket

import pytest

from client import GRANTED, ask_for
from conftest import Serve
from desktop import wait_for


@pytest.fixture
def new_set(bus, tmp_path):
    made = []

    def make(**settings):
        folder = tmp_path / "vault"
        folder.mkdir()
        made.append(Serve(bus, folder).init().set(**settings))
        return made[-1]

    yield make
    for serve in made:
        serve.stop()


@pytest.mark.parametrize("taken", [False, True])
def test_port(new_set, taken):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        if taken:
            other.listen()
        else:
            other.close()
        serve = new_set(port=port).start(listen=None)
        assert serve.origin.endswith(f":{port}") != taken
        if taken:
            wait_for(lambda: "taken by another program" in serve.stderr(), 10)
        else:
            assert "taken by another program" not in serve.stderr()
    serve.stop()
    serve.start(listen=None)  # a free one was not taken for the user's choice
    assert serve.origin.endswith(f":{port}")


def test_limits(new_set):
    """Of a request that names one other, all that have a default get the user's own."""
    serve = new_set(default_monthly_cents=321, default_daily_cents=45,
                    default_requests_per_minute=7).start()
    client = serve.bus.client()
    code, results = client.ask(ask_for(limits={"requests_per_day": 9})).wait()
    assert code == GRANTED, results
    limits = json.loads(results["authorization_details"])[0]["limits"]
    assert (limits["monthly_spend"], limits["daily_spend"], limits["requests_per_minute"],
            limits["requests_per_day"]) == (3.21, 0.45, 7, 9), limits
