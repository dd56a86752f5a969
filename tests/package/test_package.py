# SPDX-License-Identifier: GPL-3.0-or-later
"""The Debian packages: built as a user would build them, judged by lintian, unpacked into a folder
and started there."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
TOOLS = ("dpkg-buildpackage", "dh", "lintian", "meson")
PACKAGES = ("okap", "libokap-1-0", "libokap-dev", "gir1.2-okap-1")

pytestmark = [
    pytest.mark.skipif(any(shutil.which(tool) is None for tool in TOOLS),
                       reason=f"needs {', '.join(TOOLS)}"),
    pytest.mark.timeout(1500),  # two minutes where nothing else runs
]


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packages")
    # No options of the suites: the packages are to be those of everybody, but for debug symbols.
    env = {name: value for name, value in os.environ.items()
           if not name.endswith("_OPTIONS") and name not in ("CI", "OKAP_BUILD_DIR")}
    env["DEB_BUILD_OPTIONS"] = "noautodbgsym"
    done = subprocess.run([SOURCE / "build-aux" / "build-deb", folder], env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout[-20000:]
    return folder


@pytest.fixture(scope="module")
def root(packages, tmp_path_factory):
    """All of them unpacked, as if installed there."""
    folder = tmp_path_factory.mktemp("root")
    for name in PACKAGES:
        package, = packages.glob(f"{name}_*.deb")
        subprocess.run(["dpkg", "-x", package, folder], check=True)
    return folder


def files_in(packages, name):
    package, = packages.glob(f"{name}_*.deb")
    listed = subprocess.run(["dpkg", "-c", package], check=True, capture_output=True, text=True)
    return {line.split()[5].removeprefix(".") for line in listed.stdout.splitlines()
            if not line.startswith("d")}


def run(root, program, *words, **variables):
    library, = root.glob("usr/lib/*/libokap-1.so.0")
    env = {"PATH": os.environ["PATH"], "HOME": str(root), "LC_ALL": "C.UTF-8",
           "LD_LIBRARY_PATH": str(library.parent),
           "GI_TYPELIB_PATH": str(library.parent / "girepository-1.0"), **variables}
    return subprocess.run([program, *words], capture_output=True, text=True, timeout=60, env=env)


def test_lintian_finds_nothing(packages):
    changes, = packages.glob("*.changes")
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", changes],
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and not done.stdout, done.stdout + done.stderr


def test_each_package_has_its_files(packages):
    app = files_in(packages, "okap")
    for path in ("bin/okap", "libexec/okap-app",
                 "share/applications/com.example.Okap.desktop",
                 "share/bash-completion/completions/okap",
                 "share/dbus-1/services/com.example.Okap.service",
                 "share/fish/vendor_completions.d/okap.fish",
                 "share/glib-2.0/schemas/com.example.Okap.gschema.xml",
                 "share/help/C/okap/index.page",
                 "share/icons/hicolor/scalable/apps/com.example.Okap.svg",
                 "share/icons/hicolor/symbolic/apps/com.example.Okap-locked-symbolic.svg",
                 "share/man/man1/okap.1.gz", "share/man/man7/okap-protocol.7.gz",
                 "share/metainfo/com.example.Okap.metainfo.xml",
                 "share/zsh/site-functions/_okap"):
        assert f"/usr/{path}" in app
    for language in (SOURCE / "po" / "LINGUAS").read_text().split():
        assert f"/usr/share/locale/{language}/LC_MESSAGES/okap.mo" in app
    for language in (SOURCE / "help" / "LINGUAS").read_text().split():
        assert f"/usr/share/help/{language}/okap/index.page" in app
    assert not any("/lib/" in path for path in app)
    names = {name: {Path(path).name for path in files_in(packages, name)} for name in PACKAGES}
    assert "libokap-1.so.0" in names["libokap-1-0"]
    assert {"okap.h", "okap-1.pc", "Okap-1.gir", "libokap-1.so"} <= names["libokap-dev"]
    assert "Okap-1.typelib" in names["gir1.2-okap-1"]


def test_programs_start(root):
    for path in ("usr/bin/okap", "usr/libexec/okap-app"):
        done = run(root, root / path, "--version")
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert done.stdout.split()[1] in (SOURCE / "meson.build").read_text()
    done = run(root, root / "usr/bin/okap", "keys", "add", "--help")
    assert done.returncode == 0 and "--label" in done.stdout


def test_library_in_another_language(root):
    done = run(root, "/usr/bin/python3", "-c",
               "import gi; gi.require_version('Okap', '1'); from gi.repository import Okap; "
               "Okap.AppRequest.new('A', 'openai').add_model('gpt-4o-mini'); print('done')")
    assert done.stdout == "done\n", done.stderr


def test_what_the_desktop_reads(root):
    share = root / "usr/share"
    service = (share / "dbus-1/services/com.example.Okap.service").read_text()
    program = next(line for line in service.splitlines() if line.startswith("Exec="))[5:].split()[0]
    assert os.access(root / program.lstrip("/"), os.X_OK)
    for command in (["glib-compile-schemas", "--strict", "--dry-run", share / "glib-2.0/schemas"],
                    ["desktop-file-validate", share / "applications/com.example.Okap.desktop"],
                    ["appstreamcli", "validate", "--no-net",
                     share / "metainfo/com.example.Okap.metainfo.xml"]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
