# SPDX-License-Identifier: GPL-3.0-or-later
"""Scrolling through the Activity page, by the wheel, fast, and by dragging the scroll bar anywhere:
what the app does for a frame at 1200 × 800 with the cairo renderer.

What is held is the time of the processor: on a busy machine a frame waits for others meanwhile.
"""
import os
import re
import subprocess
from pathlib import Path

import pytest

FRAME_MS = 16

pytestmark = [pytest.mark.speed, pytest.mark.plain]


@pytest.mark.parametrize("rows", [50000, pytest.param(1000000, marks=pytest.mark.long)])
def test_frames(new_app, rows):
    app = new_app().init(rows=rows)
    program = Path(os.environ["OKAP_BUILD_DIR"]) / "tests" / "lib" / "scroll-activity"
    result = subprocess.run((program, app.folder / "data" / "okap" / "okap.db"), env=app.env,
                            capture_output=True, text=True, timeout=300)
    print(f"{rows} rows\n{result.stdout}")
    assert result.returncode == 0, result.stderr
    rounds = re.findall(r"^(\w+): .* of the processor ([\d.]+), ([\d.]+), ([\d.]+)$",
                        result.stdout, re.MULTILINE)
    assert [name for name, *_ in rounds] == ["wheel", "fling", "drag"]
    for name, _median, most, _worst in rounds:
        assert float(most) < FRAME_MS, f"{name}: 95 % of the frames take up to {most} ms"
