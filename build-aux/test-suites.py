# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the suites for build-aux/test, one after the other, and adds up what they counted. Within a
suite as much runs at once as there are cores, but for what measures time.

Counts come from the results that meson and pytest write for machines and from TAP, never from
text for people. A suite that dies (a build that fails, an error while tests are collected, no time
left) is one failure more, and so is a suite in which a sanitizer wrote a finding, whichever
process it was and wherever that process's output went. The last line is printed in any case.

Three builds: build-asan (address, undefined) for unit, integration and app tests, build-tsan
(thread) for the core's, build (plain) for what measures time or memory and what a sanitizer would
see nothing more in; the long suite runs the app's tests in that build, too.
"""
import json
import os
import re
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from suites_builds import BUILDS, JOBS, PLAIN_TESTS, Build
from suites_processes import (SOURCE, Died, Killed, become_subreaper, read, run, say, show_tail,
                              stop_all)

GROUPS = ("style", "unit", "integration", "bus", "ui", "package")
ASKED_FOR = ("long",)  # groups that run only when OKAP_TEST_ONLY names them
LONG_SECONDS = 1800  # at most, for a suite of that group
GROSS_RATIO = "0.15"  # of nginx's throughput: less is no noise of a busy machine
# Where files for desktops and toolkits are.
FOLDERS = ("", "data/", "data/dbus/", "data/icons/hicolor/*/apps/", "src/*/", "src/*/*/")
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass
class Result:
    suite: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


# Suites. Each fills in the result that it is given, or raises Died.

def run_meson(result, build, *choice, seconds=900, multiplier="2"):
    build.make()
    build.clear_findings()
    results = build.folder / "meson-logs"
    for name in ("testlog.json", "testlog.junit.xml"):
        (results / name).unlink(missing_ok=True)
    log = build.folder / "logs" / "unit.log"
    status = run(log, ["meson", "test", "-C", str(build.folder), "--no-rebuild",
                       "--num-processes", str(JOBS), "--timeout-multiplier", multiplier, *choice],
                 seconds, build.environment())
    if not (results / "testlog.json").exists():
        raise Died(read(log))
    xml = NOT_XML.sub("?", read(results / "testlog.junit.xml"))
    suites = {suite.get("name").split(".", 1)[-1]: suite.findall("testcase")
              for suite in ElementTree.fromstring(xml).iter("testsuite")}
    for line in read(results / "testlog.json").splitlines():
        count_program(result, json.loads(line), suites)
    if status != 0 and result.failed == 0:
        raise Died(read(log))
    if result.passed == 0:
        raise Died("no test ran\n" + read(log))
    result.failed += build.count_findings()


def count_program(result, test, suites):
    """Adds one test program: its TAP cases, and one failure if it failed beside them."""
    good = test["result"] in ("OK", "EXPECTEDFAIL", "SKIP")
    failed = skipped = 0
    cases = suites.get(test["name"], [])
    for case in cases:
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None:
            skipped += 1
    result.passed += len(cases) - failed - skipped
    if not cases and good:
        result.passed += test["result"] != "SKIP"
        skipped += test["result"] == "SKIP"
    if not good:
        failed = max(failed, 1)
        show_tail(f"{test['name']}: {test['result']}, status {test.get('returncode')}",
                  test.get("stdout", "") + test.get("stderr", ""))
    result.failed += failed
    result.skipped += skipped


def run_pytest(result, build, folder, *choice, seconds=900):
    """In one process: for a single file, and for what measures time."""
    build.make()
    build.clear_findings()
    run_pytest_once(result, build, folder, log_name(result.suite), choice, seconds)
    insist_on_tests(result)
    result.failed += build.count_findings()


def run_files(result, build, folder, *choice):
    """Each file in a process of its own, as many at once as there are cores."""
    build.make()
    build.clear_findings()
    for part, error in run_each(result.suite, build, files_of(folder), choice):
        if error:
            show_tail(f"{part.suite} died", str(error))
            part.failed += 1
        result.add(part)
    insist_on_tests(result)
    result.failed += build.count_findings()


def run_ui(result, build, *choice, seconds=600):
    """As run_files(), and what fails once more, alone, said aloud: these tests drive a real screen,
    which a busy machine can hold up, and they read it through libatspi, which is in their process
    and can crash when an app is slow. A sanitizer's findings always count."""
    build.make()
    build.clear_findings()
    paths = files_of("tests/ui")
    each = run_each(result.suite, build, paths, choice, seconds, JOBS + 1)  # most of it is waiting
    for path, (first, error) in zip(paths, each):
        name = log_name(f"{result.suite} {path.stem}")
        again = []
        if isinstance(error, Killed):
            say(f"{path.name}: {str(error).splitlines()[0]}")
            first = Result(path.name)
            again = [str(path)]
        elif error:
            show_tail(f"{first.suite} died", str(error))
            first.failed += 1
        else:
            again = failed_tests(build.folder / "logs" / f"{name}.xml", path)
        if again:
            say(f"once more: {' '.join(test.split('/')[-1] for test in again)}")
            second = Result(path.name)
            try:
                run_pytest_once(second, build, again[0], name + "again-", (*choice, *again[1:]),
                                seconds)
            except Died as error_again:
                show_tail(f"{path.name} died", str(error_again))
                second.failed += 1
            first.passed += second.passed
            first.failed = second.failed
        result.add(first)
    insist_on_tests(result)
    result.failed += build.count_findings()


def log_name(words):
    return re.sub("[^a-z]+", "-", words)


def files_of(folder):
    """Its files with tests, the longest first, so that none begins when the others end."""
    return sorted((SOURCE / folder).glob("test_*.py"), key=lambda path: -path.stat().st_size)


def run_each(suite, build, paths, choice, seconds=600, jobs=JOBS):
    """What each file counted, and what it died of or None."""
    def run_file(path):
        result = Result(path.name)
        try:
            run_pytest_once(result, build, path, log_name(f"{suite} {path.stem}"), choice,
                            seconds)
        except Died as error:
            return result, error
        return result, None

    with ThreadPoolExecutor(jobs) as pool:
        try:
            return list(pool.map(run_file, paths))
        except KeyboardInterrupt:
            stop_all()
            raise


def failed_tests(report, path):
    """The tests that a report of pytest says failed, in themselves or at their fixture's end."""
    names = {case.get("name") for case in ElementTree.fromstring(read(report)).iter("testcase")
             if case.find("failure") is not None or case.find("error") is not None}
    return [f"{path}::{name}" for name in sorted(names)]


def run_pytest_once(result, build, folder, name, choice, seconds):
    report = build.folder / "logs" / f"{name}.xml"
    log = build.folder / "logs" / f"{name}.log"
    report.unlink(missing_ok=True)
    status = run(log, [sys.executable, "-B", "-m", "pytest", "-p", "no:cacheprovider", "-ra",
                       "--timeout=240", f"--junitxml={report}", *choice, str(SOURCE / folder)],
                 seconds, build.environment())
    if not report.exists():
        died = Killed if status < 0 else Died
        raise died(f"pytest ended with status {status}\n" + read(log))
    for suite in ElementTree.fromstring(NOT_XML.sub("?", read(report))).iter("testsuite"):
        count = {name: int(suite.get(name))
                 for name in ("tests", "failures", "errors", "skipped")}
        result.failed += count["failures"] + count["errors"]
        result.skipped += count["skipped"]
        result.passed += (count["tests"] - count["failures"] - count["errors"] - count["skipped"])
    result.passed = max(result.passed, 0)  # a test may fail and its fixture's end be an error
    if status not in (0, 5):  # 5: none of its tests was chosen
        show_tail(f"{result.suite} ({log.name})", read(log))
        result.failed = max(result.failed, 1)


def insist_on_tests(result):
    """A suite without tests means that something is wrong with how they are chosen."""
    if result.passed + result.failed + result.skipped == 0:
        raise Died("no test was collected")


def run_bench(result, build):
    if len(os.sched_getaffinity(0)) < 2:
        say("bench: skipped, it needs two cores")
        result.skipped += 1
        return
    build.make()
    log = build.folder / "logs" / "bench.log"
    status = run(log, [sys.executable, "-B", "build-aux/bench", "--seconds", "2", "--rounds", "1",
                       "--floor", GROSS_RATIO, "--okap", str(build.folder / "src/cli/okap")], 300)
    show_tail("bench", read(log))
    result.passed += status == 0
    result.failed += status != 0


def run_tap(result, command):
    """A check of ours that prints TAP."""
    log = SOURCE / "build" / "logs" / (Path(command[0]).stem + ".log")
    status = run(log, [sys.executable, "-B", *command], 300)
    text = read(log)
    cases = [line.startswith("ok") for line in text.splitlines() if re.match(r"(not )?ok\b", line)]
    result.passed += cases.count(True)
    result.failed += cases.count(False)
    if status != 0 or not all(cases):
        show_tail(command[0], text)
    if (status != 0) == all(cases) or not cases:
        raise Died(f"{command[0]} ended with status {status}")


def run_tool(result, title, command, files):
    """Somebody else's checker over files, if there are any: one test."""
    if not files:
        return
    log = SOURCE / "build" / "logs" / f"{title}.log"
    try:
        good = run(log, [*command, *map(str, files)], 120) == 0
    except FileNotFoundError as error:
        raise Died(str(error)) from None
    if not good:
        show_tail(title, read(log))
    result.passed += good
    result.failed += not good


def run_style(result):
    def having(*patterns):
        return [path for pattern in patterns for folder in FOLDERS
                for path in sorted(SOURCE.glob(folder + pattern))]

    for name in ("layers", "style", "potfiles", "desktop"):
        run_tap(result, [f"build-aux/check-{name}.py"])
    run_tool(result, "desktop-file-validate", ["desktop-file-validate"], having("*.desktop"))
    for path in having("*.metainfo.xml"):
        run_tool(result, "appstreamcli", ["appstreamcli", "validate", "--no-net", "--pedantic"],
                 [path])
    run_tool(result, "xmllint", ["xmllint", "--noout", "--nonet"],
             having("*.ui", "*.xml", "*.svg"))
    for path in sorted(SOURCE.glob("build-aux/flatpak/*.yml")):
        run_tool(result, "flatpak", ["flatpak-builder", "--show-manifest"], [path])
    schemas = having("*.gschema.xml")
    if schemas:
        run_tool(result, "schemas", ["glib-compile-schemas", "--strict", "--dry-run"],
                 sorted({path.parent for path in schemas}))


def run_linkage(result, build):
    """What the programs need at run time: no toolkit below the app."""
    build.make()
    run_tap(result, ["build-aux/check-layers.py", "--linked", str(build.folder)])


def suites(builds):
    asan, tsan, plain = builds["build-asan"], builds["build-tsan"], builds["build"]
    return [
        ("style", "style", run_style),
        ("unit", "unit (address, undefined)",
         lambda r: run_meson(r, asan, "--suite", "unit")),
        ("integration", "integration (address, undefined)",
         lambda r: run_files(r, asan, "tests/integration", "-m", "not speed and not long")),
        ("unit", "unit (thread)",
         lambda r: run_meson(r, tsan, "--suite", "core", "--no-suite", "fuzz", multiplier="4")),
        ("integration", "integration (thread)",
         lambda r: run_pytest(r, tsan, "tests/integration/test_grants.py",
                              "-m", "not speed and not long")),
        # What a sanitizer's own memory keeps from being seen, and so is skipped above.
        ("unit", "unit (plain, memory)",
         lambda r: run_meson(r, plain, *PLAIN_TESTS)),
        ("unit", "unit (plain, speed)", lambda r: run_meson(r, plain, "--suite", "speed")),
        ("integration", "integration (plain, speed)",
         lambda r: run_pytest(r, plain, "tests/integration",
                              "-m", "(speed or plain) and not long")),
        ("bus", "bus (address, undefined)",
         lambda r: run_files(r, asan, "tests/bus", "-m", "not speed and not long")),
        ("bus", "bus (plain, speed)",
         lambda r: run_pytest(r, plain, "tests/bus",
                              "-m", "(speed or plain) and not long")),
        ("ui", "linkage (plain)", lambda r: run_linkage(r, plain)),
        ("ui", "ui (plain)", lambda r: run_ui(r, plain, "-m", "plain and not speed and not long")),
        ("ui", "ui (plain, speed)",
         lambda r: run_pytest(r, plain, "tests/ui", "-m", "speed and not long")),
        ("ui", "ui (address, undefined)",
         lambda r: run_ui(r, asan, "-m", "not plain and not speed and not long")),
        ("package", "package",
         lambda r: run_pytest(r, plain, "tests/package", seconds=1600)),
        ("integration", "bench (plain)", lambda r: run_bench(r, plain)),

        ("long", "long unit (address, undefined)",
         lambda r: run_meson(r, asan, "--suite", "long", seconds=LONG_SECONDS)),
        ("long", "long unit (thread)",
         lambda r: run_meson(r, tsan, "--suite", "long", seconds=LONG_SECONDS, multiplier="4")),
        ("long", "long integration (address, undefined)",
         lambda r: run_pytest(r, asan, "tests/integration", "-m", "long and not speed",
                              "--timeout=900", seconds=LONG_SECONDS)),
        ("long", "long integration (plain)",
         lambda r: run_pytest(r, plain, "tests/integration", "-m", "long and speed",
                              "--timeout=900", seconds=LONG_SECONDS)),
        ("long", "long bus (plain)",
         lambda r: run_pytest(r, plain, "tests/bus", "-m", "long", "--timeout=900")),
        # With the usual ones, so that what they share with them is seen there too.
        ("long", "long ui (plain)", lambda r: run_ui(r, plain, seconds=2 * LONG_SECONDS)),
    ]


def run_suite(name, function):
    say(f"== {name}")
    result = Result(name)
    start = time.monotonic()
    try:
        function(result)
    except Died as error:
        show_tail(f"{name} died", str(error))
        result.failed += 1
    except Exception as error:  # a fault of ours must not hide the count
        show_tail(f"{name} died", f"{type(error).__name__}: {error}")
        result.failed += 1
    result.seconds = time.monotonic() - start
    say(f"{name}: {result.passed} passed, {result.failed} failed, {result.skipped} skipped "
        f"in {result.seconds:.0f} s")
    return result


def chosen_groups():
    groups = os.environ.get("OKAP_TEST_ONLY", "").replace(",", " ").split() or GROUPS
    unknown = set(groups) - set(GROUPS + ASKED_FOR)
    if unknown:
        raise SystemExit(f"test: OKAP_TEST_ONLY takes {', '.join(GROUPS + ASKED_FOR)}; "
                         f"not {', '.join(sorted(unknown))}")
    return groups


def main():
    groups = chosen_groups()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    become_subreaper()
    start = time.monotonic()
    builds = {name: Build(name) for name in BUILDS}
    results = []
    try:
        for group, name, function in suites(builds):
            folder = "ui (" in name and SOURCE / "tests" / "ui"
            if group in groups and (not folder or folder.exists()):
                results.append(run_suite(name, function))
    except KeyboardInterrupt:
        results.append(Result("interrupted", failed=1))
    say(f"\n{'suite':38}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for r in results:
        say(f"{r.suite:38}{r.passed:8}{r.failed:8}{r.skipped:9}{r.seconds:9.0f}")
    say(f"{'together':63}{time.monotonic() - start:9.0f}")
    passed, failed, skipped = (sum(getattr(r, name) for r in results)
                               for name in ("passed", "failed", "skipped"))
    say(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


sys.exit(main())
