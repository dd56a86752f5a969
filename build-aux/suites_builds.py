# SPDX-License-Identifier: GPL-3.0-or-later
"""The builds that test-suites.py tests, and where the sanitizers in them write what they find."""
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from suites_processes import SOURCE, Died, read, run, say, show_tail

JOBS = min(len(os.sched_getaffinity(0)), 8)
BUILDS = {
    # A third less to compile than with -O2 and all of -g, and its tests run no slower.
    "build-asan": ["-Db_sanitize=address,undefined", "-Db_lundef=false", "-Dapp=auto",
                   "-Doptimization=1", "-Dc_args=-g1"],
    "build-tsan": ["-Db_sanitize=thread", "-Db_lundef=false", "-Dapp=disabled"],
    "build": ["-Db_sanitize=none", "-Dapp=enabled"],
}
# The only test programs that run in the plain build: a sanitizer's own memory hides what they see,
# and so they skip it elsewhere. With them, what measures time.
PLAIN_TESTS = ("process", "vault-secrets")


class Build:
    def __init__(self, name):
        self.name = name
        self.folder = SOURCE / name
        self.error = None
        self.done = False

    def make(self):
        """Configures where needed and builds what changed, once; every suite in it asks."""
        if self.error:
            raise Died(f"{self.name} could not be built")
        if self.done:
            return
        start = time.monotonic()
        self.error = "not finished"
        # Newer compilers find new things to warn of: that must stop us, not a user.
        werror = "true" if os.environ.get("CI") and self.name != "build-tsan" else "false"
        options = ["--buildtype=debugoptimized", f"-Dwerror={werror}", "-Dtests=true",
                   *BUILDS[self.name]]
        stamp = self.folder / "test-options"
        command = ["meson", "setup", *options, str(self.folder), str(SOURCE)]
        if (self.folder / "build.ninja").exists():
            command.insert(2, "--reconfigure")
        log = self.folder / "logs" / "build.log"
        if read(stamp) != " ".join(options) or not (self.folder / "build.ninja").exists():
            if run(log, command, 600) != 0:
                raise Died(read(log))
            stamp.write_text(" ".join(options))
        if run(log, ["ninja", "-C", str(self.folder), "-j", str(JOBS), *self.targets()], 1800) != 0:
            raise Died(read(log))
        self.error = None
        self.done = True
        say(f"{self.name}: built in {time.monotonic() - start:.0f} s")

    def targets(self):
        """What to build: all, but in the plain build without the test programs that do not run in
        it, a sixth of the work."""
        if self.name != "build":
            return []
        left_out = {test["cmd"][0] for test in self.introspect("--tests")
                    if test["name"] not in PLAIN_TESTS
                    and not any(suite.endswith("speed") for suite in test["suite"])}
        return [str(Path(name).relative_to(self.folder))
                for target in self.introspect("--targets") if target["build_by_default"]
                for name in target["filename"] if name not in left_out]

    def introspect(self, what):
        done = subprocess.run(["meson", "introspect", what, str(self.folder)], capture_output=True,
                              text=True)
        if done.returncode != 0:
            raise Died(f"meson introspect {what}: {done.stderr}")
        return json.loads(done.stdout)

    def environment(self):
        """What makes any finding of a sanitizer end the program and be written to a file."""
        env = {name: value for name, value in os.environ.items()
               if name not in ("DISPLAY", "WAYLAND_DISPLAY", "OKAP_VAULT_URL")}
        supp = SOURCE / "build-aux"
        findings = self.folder / "findings"
        common = f"exitcode=99:log_path={findings}/finding"
        env.update(
            OKAP_BUILD_DIR=str(self.folder),
            OKAP_ARTIFACTS=os.environ.get("OKAP_ARTIFACTS", str(SOURCE / "tests" / "artifacts")),
            OKAP_SDK_DIR=os.environ.get("OKAP_SDK_DIR", str(SOURCE / "build" / "sdk")),
            # In GLib's slices leaks stay unseen, and threads that take one in turn seem to race.
            LC_ALL="C.UTF-8", G_SLICE="always-malloc",
            ASAN_OPTIONS=f"{common}:halt_on_error=1:detect_leaks=1:strict_string_checks=1:"
                         "detect_stack_use_after_return=1:check_initialization_order=1",
            UBSAN_OPTIONS=f"{common}:halt_on_error=1:print_stacktrace=1",
            LSAN_OPTIONS=f"suppressions={supp}/lsan.supp:print_suppressions=0",
            TSAN_OPTIONS=f"{common}:halt_on_error=0:second_deadlock_stack=1:history_size=4:"
                         f"suppressions={supp}/tsan.supp")
        return env

    def clear_findings(self):
        shutil.rmtree(self.folder / "findings", ignore_errors=True)
        (self.folder / "findings").mkdir()

    def count_findings(self):
        """1 if a sanitizer wrote anything, which is shown, otherwise 0."""
        found = sorted((self.folder / "findings").glob("finding*"))
        for path in found[:5]:
            show_tail(f"sanitizer finding {path.name} in {self.name}", read(path))
        return 1 if found else 0
