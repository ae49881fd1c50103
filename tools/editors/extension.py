"""The extension for VS Code: its sources are checked, bundled and packed into one file.

It is built from a copy, so that the sources have no packages and no products beside them. Nothing
of it needs lrdsl or an environment: Python and npm are enough, and npm only for the first time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tools import npm
from tools.editors import ROOT, VSCODE

BUILD = ROOT / "build" / "vscode"
"""The copy, and the extension in it."""
MODULES = ROOT / "build" / "npm-vscode"
"""Where the packages are installed."""
_BUNDLES = {"extension": ("src/extension.ts", "node"), "panel": ("src/webview.ts", "browser")}


class ExtensionError(Exception):
    """What is wrong with the extension."""


def build() -> Path:
    """Builds the extension, and returns the file that VS Code installs.

    Raises:
        ExtensionError: a step of the build has failed.
        NpmError: npm is missing, or failed.
    """
    modules = npm.install(VSCODE, MODULES)
    shutil.rmtree(BUILD, ignore_errors=True)
    shutil.copytree(VSCODE, BUILD, ignore=shutil.ignore_patterns("node_modules", "dist"))
    (BUILD / "node_modules").symlink_to(modules, target_is_directory=True)
    _run("tsc")
    for name, (source, platform) in _BUNDLES.items():
        _run(
            "esbuild", source, "--bundle", "--minify", f"--outfile=dist/{name}.js",
            f"--platform={platform}", "--target=es2022", "--external:vscode", "--log-level=warning",
            f"--format={'cjs' if platform == 'node' else 'iife'}", "--legal-comments=none",
        )  # fmt: skip
    made = BUILD / "lrdsl.vsix"
    _run("vsce", "package", "--no-dependencies", "--allow-missing-repository", "-o", made.name)
    return made


def _run(program: str, *arguments: str) -> None:
    """Runs a program of the packages in the copy."""
    path = BUILD / "node_modules" / ".bin" / program
    environment = os.environ | {"NODE_PATH": str(BUILD / "node_modules")}
    done = subprocess.run(
        [str(path), *arguments], cwd=BUILD, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, encoding="utf-8",
    )  # fmt: skip
    if done.returncode:
        raise ExtensionError(f"{program} has failed:\n{done.stdout.strip()}")
