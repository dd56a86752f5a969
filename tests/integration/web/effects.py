# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a request which gets through would change."""
import contextlib
import shutil
import sqlite3


def standing(okap, mock):
    grants = okap.json("grants", "list")["rows"]  # behind what the store was told before
    # The vault keeps its database locked: what is counted is a copy, with its journal.
    for name in ("okap.db", "okap.db-wal"):
        source = okap.folder / "data" / "okap" / name
        if source.exists():
            shutil.copy(source, okap.folder / name)
    with contextlib.closing(sqlite3.connect(okap.folder / "okap.db")) as db:
        counts = {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                  for table in ("audit", "usage")}
    return dict(counts, upstream=len(mock.seen),
                grants=sorted((row["id"], row["state"]) for row in grants))
