# SPDX-License-Identifier: GPL-3.0-or-later
"""okap vault: what opens the vault, and backups, by the real command."""
import contextlib
import json
import re
import sqlite3

from conftest import PASSPHRASE

NEW = "another canary passphrase Wq52"
CODE = re.compile(r"([0-9A-Z]{5}-){5}[0-9A-Z]{5}")


def lines(*secrets):
    return "\n".join(secrets)


def test_passphrases_and_codes(okap):
    assert okap.json("vault", "status")["vault"] == "unlocked"
    kinds = [row["kind"] for row in okap.json("vault", "slots")["rows"]]
    assert kinds == ["passphrase", "recovery"]

    refused = okap.run("vault", "passphrase", input=lines("wrong one", NEW), check=False)
    assert refused.returncode == 1 and "not the one of this vault" in refused.stderr
    okap.run("vault", "passphrase", input=lines(PASSPHRASE, NEW))
    okap.run("lock")
    assert okap.run("unlock", input=PASSPHRASE, check=False).returncode == 1
    okap.run("unlock", input=NEW)

    code = okap.run("vault", "recovery", input=NEW).stdout.strip()
    assert CODE.fullmatch(code)
    okap.run("vault", "add", "--label", "Anna", input=lines(code, PASSPHRASE))
    rows = okap.json("vault", "slots")["rows"]
    assert [row["label"] for row in rows] == ["", "", "Anna"]
    okap.run("vault", "remove", rows[0]["id"], input=PASSPHRASE)
    okap.run("lock")
    assert okap.run("unlock", input=NEW, check=False).returncode == 1
    okap.run("unlock", input=code)
    last = okap.run("vault", "remove", rows[2]["id"], input=code, check=False)
    assert last.returncode == 1 and "last passphrase" in last.stderr


def test_tokens_outlive_a_change(okap):
    """What is derived from the vault (hashes of tokens, tags of grants, the audit chain) stays."""
    token = okap.authorize(capabilities=["chat"])["token"]
    okap.run("vault", "passphrase", input=lines(PASSPHRASE, NEW))
    okap.run("lock")
    okap.run("unlock", input=NEW)
    response, text = okap.http("GET", "/okap/grant", headers={"Authorization": f"Bearer {token}"})
    assert response.status == 200, text


def audited(okap):
    """What the record says of the vault, but for its locking."""
    with contextlib.closing(sqlite3.connect(okap.folder / "data" / "okap" / "okap.db")) as db:
        return [event for event, in db.execute(
            "SELECT event FROM audit WHERE event IN ('vault.slots', 'vault.exported') ORDER BY id")]


def test_backup(okap, tmp_path):
    path = tmp_path / "b.okap"
    okap.run("keys", "add", "openai", input="sk-proj-canary-backup-1")
    okap.run("vault", "export", str(path), input=lines(PASSPHRASE, NEW))
    assert path.stat().st_mode & 0o777 == 0o600
    again = okap.run("vault", "export", str(path), input=lines(PASSPHRASE, NEW), check=False)
    assert again.returncode == 1 and "already a file" in again.stderr
    shown = okap.json("vault", "import", str(path), input=NEW)
    assert {row["is"] for row in shown["rows"]} == {"same"} and "added" not in shown
    key = [row for row in shown["rows"] if row["provider"] == "openai"][0]["id"]
    okap.run("keys", "remove", key)
    shown = okap.json("vault", "import", str(path), input=NEW)
    assert [row["is"] for row in shown["rows"] if row["id"] == key] == ["new"]
    alone = okap.run("vault", "import", str(path), "--add", input=NEW, check=False)
    assert alone.returncode == 1 and "two lines" in alone.stderr
    wrong = okap.run("vault", "import", str(path), "--add", input=lines(NEW, NEW), check=False)
    assert wrong.returncode == 1 and "passphrase" in wrong.stderr
    assert len(okap.json("keys", "list")["rows"]) == 0
    added = okap.json("vault", "import", str(path), "--add", input=lines(NEW, PASSPHRASE))
    assert added["added"] == 1
    wrong = okap.run("vault", "import", str(path), input=PASSPHRASE, check=False)
    assert wrong.returncode == 1
    okap.run("vault", "recovery", input=PASSPHRASE)
    okap.stop()
    assert audited(okap) == ["vault.exported", "vault.slots"]


def test_no_keyring(okap):
    """Without a session bus it says so, and nothing changes."""
    done = okap.run("vault", "keyring", "on", input=PASSPHRASE, check=False)
    assert done.returncode == 1 and "no login keyring" in done.stderr
    assert not okap.json("vault", "status")["keyring"]
    assert json.dumps(okap.json("vault", "slots")["rows"]).count("keyring") == 0
