# SPDX-License-Identifier: GPL-3.0-or-later
"""The preferences, in the real window: each row of each page is reached with Tab, and what takes
the passphrase takes it."""
import json
import re
import time

import pytest

import tree
from app import PASSPHRASE
from desktop import wait_for

NEW = "another canary Qv77 lighthouse"
OTHER = "a second canary Bk52 meadow"
BACKUP = "the backup canary Jm31 harbour"
PAGES = {"General": 11, "Limits": 7, "Locking": 4, "Privacy": 5, "Prices": 4, "Vault": 5}


def open_preferences(app):
    app.key("ctrl+comma")
    window = app.window("Preferences")
    app.enlarge(window)
    return window


def front(app):
    """The accessible of the newest window: asking the others, too, takes most of the time."""
    root = app.desktop.application(app.pid)
    return root.get_child_at_index(root.get_child_count() - 1)


def find_fitting(app, role, fits, what):
    def look():
        try:
            return [node for node in app.find_all(role, within=front(app))
                    if fits(node.get_name() or "")]
        except Exception:  # it went while we looked
            return None

    return wait_for(look, message=f"no {role} called {what!r}")[0]


def find(app, role, name):
    return find_fitting(app, role, name.__eq__, name)


def says(app, words):
    find_fitting(app, None, lambda name: words in name, words)


def show(app, window, page):
    app.click(find(app, "page tab", page), window)
    time.sleep(0.4)


def button_of(app, row):
    """The button in the row that is called ROW; it says what it does, and of what."""
    pattern = re.compile(r"([A-Z][^_]* )?" + row)
    return find_fitting(app, "push button", pattern.fullmatch, row)


def type_in(app, text):
    app.desktop.xdotool("type", "--delay", "4", "--", text)


def answer(app, title, proof, new=None, label=None):
    """Fills in the dialog that is called TITLE, whose first entry has the focus, and sends it."""
    dialog = app.window(title)
    time.sleep(0.4)
    type_in(app, proof)
    for name, text in (("Name (optional)", label), ("New Passphrase", new),
                       ("The Same Again", new)):
        if text is not None:
            app.type_into(find(app, "text", name), dialog, text)
    time.sleep(0.2)
    app.key("Return")


def answer_wrong_first(app, title, wrong, proof, refusal="That does not open this vault"):
    answer(app, title, wrong)
    says(app, refusal)
    time.sleep(0.2)
    type_in(app, proof)
    app.key("Return")
    app.wait_gone(title)


# Rows and settings

def state_is(app, node, name):
    try:
        return node.get_state_set().contains(getattr(app.desktop.atspi.StateType, name))
    except Exception:
        return False


def tab_through(app, window, page, n_rows):
    """Tab comes by every row of the page, which is the last one that was not shown before, and by
    nothing on it without a name."""
    show(app, window, page)
    inside = app.find_all("scroll pane", within=tree.frame_of(app, window))[-1]
    controls = [(node, node.get_name() or "", node.get_role_name())
                for node in app.desktop.walk(inside) if state_is(app, node, "FOCUSABLE")]
    rows = {i for i, (node, name, role) in enumerate(controls)
            if role in ("list item", "combo box") and tree.is_name(name)}
    assert len(rows) == n_rows, (page, [controls[i][1] for i in rows])
    reached, at = set(), 0
    for _ in range(2 * len(controls) + 8):
        app.key("Tab")
        time.sleep(0.03)
        for i in ((at + step) % len(controls) for step in range(len(controls))):
            node, name, role = controls[i]
            if state_is(app, node, "FOCUSED"):
                assert tree.is_name(name), (page, role, tree.path_of(node))
                reached.add(i)
                at = i
                break
        if rows <= reached:
            return
    missing, found = [[controls[i][1:] for i in sorted(which)] for which in (rows - reached,
                                                                              reached)]
    raise AssertionError(f"Tab does not reach {missing} of {page}; it reaches {found}")


def change_currency(app, window):
    app.click(find(app, "check box", "Start at Login"), window)
    app.type_into(find(app, "text", "Currency"), window, "eur")
    says(app, "is shown as €")
    app.key("BackSpace")
    says(app, "Expected three letters")


def lock_with_screen(app, window):
    app.click(find(app, "list item", "Lock the Vault with the Screen"), window)
    path = app.folder / "config" / "glib-2.0" / "settings" / "keyfile"
    wait_for(lambda: "lock-strict=true" in path.read_text(),
             message="the settings are not written")
    assert "autostart=true" in path.read_text()


def raise_threshold(app, window):
    apply = button_of(app, "Use These Limits")
    assert not app.is_sensitive(apply)
    app.click(find(app, "spin button", "In All"), window)
    app.key("ctrl+a")
    type_in(app, "250")
    app.key("Tab")
    says(app, "Asking less often takes your passphrase")
    app.click(apply, window)
    answer_wrong_first(app, "Ask Less Often", "not the passphrase", PASSPHRASE)
    wait_for(lambda: not app.is_sensitive(apply), message="the threshold is not raised")
    assert json.loads(app.command("threshold", "--json"))["total"] == 250


def test_rows_and_settings(app):
    window = open_preferences(app)
    acts = {"General": change_currency, "Limits": raise_threshold, "Locking": lock_with_screen}
    for page, n_rows in PAGES.items():
        tab_through(app, window, page, n_rows)
        if page in acts:
            acts[page](app, window)


# The vault

def add_and_remove(app, window):
    app.click(find(app, "push button", "Add Passphrase…"), window)
    answer(app, "Add a Passphrase", PASSPHRASE, new=OTHER, label="for Anna")
    app.wait_gone("Add a Passphrase")
    says(app, "for Anna. Since")
    removes = app.find_all("push button", "Remove This Passphrase")
    assert len(removes) == 2
    app.click(removes[-1], window)
    answer(app, "Remove the Passphrase", OTHER)
    app.wait_gone("Remove the Passphrase")
    wait_for(lambda: not app.find_all("push button", "Remove This Passphrase"),
             message="the last passphrase may be removed")


def change_passphrase(app, window):
    app.click(button_of(app, "Passphrase"), window)
    answer(app, "Change the Passphrase", PASSPHRASE, new=NEW)
    app.wait_gone("Change the Passphrase")


def make_code(app, window):
    """Returns what it consists of."""
    app.click(button_of(app, "Recovery Code"), window)
    answer(app, "New Recovery Code", PASSPHRASE)
    says(app, "That does not open this vault")
    time.sleep(0.2)
    type_in(app, NEW)
    app.key("Return")
    find(app, "label", "Keep Your Recovery Code")
    time.sleep(0.3)
    dialog = wait_for(lambda: app.desktop.windows(app.pid, "New Recovery Code"))[-1]
    groups = [node.get_name() for node in app.find_all("label", within=front(app))
              if re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{5}", node.get_name() or "")]
    assert len(groups) == 6
    app.type_into(find(app, "text", "Group 2"), dialog, groups[1])
    app.type_into(find(app, "text", "Group 5"), dialog, groups[4])
    app.key("Return")
    app.wait_gone("New Recovery Code")
    return groups


def choose_file(app, title, path):
    before = app.window(title)
    time.sleep(0.6)
    app.key("ctrl+a")
    type_in(app, str(path))
    time.sleep(0.6)
    app.key("Return")
    wait_for(lambda: before not in app.desktop.windows(app.pid), message="no file is chosen")


def export(app, window, path):
    app.click(button_of(app, "Export"), window)
    choose_file(app, "Export a Backup", path)
    find(app, "text", "New Passphrase")
    answer(app, "Export a Backup", PASSPHRASE, new=BACKUP)
    says(app, f"Written to {path.name}")
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"canary" not in path.read_bytes()


def import_again(app, window, path):
    app.click(button_of(app, "Import"), window)
    app.window("Import a Backup")
    time.sleep(0.6)
    app.key("ctrl+l")
    choose_file(app, "Import a Backup", path)
    find(app, "text", "Passphrase of the Backup")
    answer_wrong_first(app, "Import a Backup", PASSPHRASE, BACKUP, "That does not open this backup")
    says(app, "Add 1 Key?")
    app.key("Return")
    answer(app, "Import a Backup", PASSPHRASE)
    says(app, "1 key was added.")


@pytest.mark.plain  # GTK's own file chooser leaks
def test_ways_into_the_vault(app, tmp_path):
    main = app.window()
    app.command("keys", "add", "openai", "--label", "work", input="sk-proj-canary-0123456789")
    keys = json.loads(app.command("keys", "list", "--json"))["rows"]
    window = open_preferences(app)
    show(app, window, "Vault")
    add_and_remove(app, window)
    path = tmp_path / "backup.okap"
    export(app, window, path)
    app.command("keys", "remove", keys[0]["id"])
    import_again(app, window, path)
    assert json.loads(app.command("keys", "list", "--json"))["rows"][0]["id"] == keys[0]["id"]
    change_passphrase(app, window)
    groups = make_code(app, window)

    app.command("lock")
    app.wait_gone("Preferences")
    app.desktop.activate(main)
    app.unlock(NEW)
    for secret in (PASSPHRASE, NEW, OTHER, BACKUP, *groups):
        assert secret not in app.stderr()
