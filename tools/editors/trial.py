"""``python -m tools.editors.trial`` tries the extension in a real VS Code: ``make try-vscode``.

code-server is VS Code as a website; Chromium shows it, and ``try_vscode.mjs`` writes, clicks and
looks. Installing it takes some minutes, the first time. The screenshots are for you to look at.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tools.editors import ROOT
from tools.editors.extension import ExtensionError, build
from tools.npm import NpmError

_PACKAGES = ("code-server@4.100.3", "puppeteer-core@24.43.1")
_FOLDER = ROOT / "build" / "npm-trial"
_SHOTS = ROOT / "build" / "vscode-screens"
# Its native part would have to be compiled, and hashes a password that is not used.
_ARGON2 = 'module.exports = { hash: async () => "", verify: async () => true, argon2id: 2 };\n'


def main() -> int:
    """Tries the extension, and returns the exit status."""
    try:
        extension = build()
        modules = _install()
    except (ExtensionError, NpmError, subprocess.CalledProcessError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    shutil.rmtree(_SHOTS, ignore_errors=True)
    script = Path(__file__).with_name("try_vscode.mjs")
    command = Path(sys.executable).with_name("lrdsl")
    arguments = [modules, modules / "code-server", extension, command, _SHOTS]
    return subprocess.run(["node", str(script), *map(str, arguments)]).returncode


def _install() -> Path:
    """Installs VS Code and what drives it, unless they are there; returns where they are."""
    modules, done = _FOLDER / "node_modules", _FOLDER / "done"
    if done.exists() and done.read_text("utf-8") == " ".join(_PACKAGES):
        return modules
    npm = shutil.which("npm")
    if npm is None:
        raise NpmError("this needs Node.js with npm; install it, and run this again")
    shutil.rmtree(_FOLDER, ignore_errors=True)
    _FOLDER.mkdir(parents=True)
    (_FOLDER / "package.json").write_text('{"private": true}\n', "utf-8")
    install = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run([*install, *_PACKAGES], cwd=_FOLDER, check=True)
    inner = modules / "code-server" / "lib" / "vscode"
    subprocess.run([*install, "--omit=dev", "--legacy-peer-deps"], cwd=inner, check=True)
    (inner / "node_modules.asar").symlink_to("node_modules", target_is_directory=True)
    (modules / "argon2" / "argon2.js").write_text(_ARGON2, "utf-8")
    done.write_text(" ".join(_PACKAGES), "utf-8")
    return modules


if __name__ == "__main__":
    sys.exit(main())
