# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be held against a window without eyes: see test_pictures.py."""

# What a person can act on; each must say what it is for.
CONTROLS = {"push button", "toggle button", "text", "password text", "check box", "combo box",
            "list item", "menu item", "spin button", "slider", "switch", "link", "radio button",
            "entry", "page tab", "table row", "tree item"}
SLACK = 2  # pixels by which a border may be drawn outside


def problems(app, window):
    found = []
    width = app.desktop.window_geometry(window)[2]
    count = 0
    for node in app.desktop.walk(frame_of(app, window)):
        try:
            role, name, box = node.get_role_name(), node.get_name() or "", app.desktop.box(node)
            if role in CONTROLS:
                count += 1
                if is_nameless(app, node, name):
                    found.append(f"a {role} has no name: {path_of(node)}")
            if (box is not None and (box.x < -SLACK or box.x + box.width > width + SLACK)
                    and not is_scrolled(node)):
                found.append(f"sticks out of its window of {width}: {box.x} to "
                             f"{box.x + box.width}: {path_of(node)}")
        except Exception:  # it went while we looked
            continue
    if count == 0:
        found.append("no control at all was found")
    return found


def is_name(text):
    """GTK gives the name of the class to what has none."""
    return bool(text.strip()) and not text.startswith(("Gtk", "Adw", "Okap"))


def is_nameless(app, node, name):
    if is_name(name):
        return False
    if node.get_role_name() == "list item":  # it is read by what is in it
        return not any(is_name(inner.get_name() or "") for inner in app.desktop.walk(node))
    return not any(relation.get_relation_type() == app.desktop.atspi.RelationType.LABELLED_BY
                   for relation in node.get_relation_set())


def is_scrolled(node):
    """Whether it is in something that scrolls: a page that only scrolls downward is as wide as what
    is in it, and so sticks out itself."""
    while (node := node.get_parent()) is not None:
        if node.get_role_name() == "scroll pane":
            return True
    return False


def frame_of(app, window):
    """The accessible of WINDOW: the newest of those that are as large or called so."""
    width, height = app.desktop.window_geometry(window)[2:]
    title = app.desktop.title(window)
    root = app.desktop.application(app.pid)
    frames = [root.get_child_at_index(i) for i in range(root.get_child_count())]

    def far(frame):
        box = app.desktop.box(frame)
        if box is None:
            return 1e9
        return abs(box.width - width) + abs(box.height - height) + 100 * (frame.get_name() != title)

    return min(reversed(frames), key=far)


def path_of(node):
    names = []
    while node is not None and node.get_role_name() != "application":
        names.append(f"{node.get_role_name()} ({node.get_name() or ''})")
        node = node.get_parent()
    return " in ".join(names[:6])
