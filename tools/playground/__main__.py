"""``python -m tools.playground`` builds the playground in ``build/playground/site``.

Pyodide comes from npm and lark from the package index, both at fixed versions; lrdsl is built here.
Everything lies beside the page, which asks no other server for anything.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from lrdsl.page.server import STATIC
from tools import browser, npm
from tools.pages import recipes
from tools.playground import BUILD, ROOT, SITE

HERE = Path(__file__).parent
# What Pyodide loads when it starts.
PYODIDE = (
    "pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json",
)  # fmt: skip
# What of the package no browser needs.
_LEFT_OUT = ("auditing", "cli", "exporting", "fitting", "importers", "integrations", "logs", "lsp")
# The page of `lrdsl serve` alone.
_SERVED = {"index.html", "live.js"}


def build(site: Path = SITE) -> Path:
    """Builds the playground, and returns its folder.

    Args:
        site: the folder, which is emptied.
    """
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    for name, _ in STATIC.values():
        if name not in _SERVED:
            shutil.copy(ROOT / "lrdsl" / "page" / "static" / name, site)
    for name in ("index.html", "playground.css", "playground.js", "worker.js"):
        shutil.copy(HERE / name, site)
    modules = npm.install(HERE, BUILD / "npm") / "pyodide"
    for name in PYODIDE:
        shutil.copy(modules / name, site)
    wheels = [_slim(wheel, site) for wheel in _wheels(BUILD / "wheels")]
    _write(site / "wheels.json", wheels)
    _write(site / "recipes.json", _recipes())
    return site


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")


def _wheels(folder: Path) -> list[Path]:
    """The wheels of lark, in the version that the tests run with, and of this checkout."""
    shutil.rmtree(folder, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    pins = str(ROOT / "constraints.txt")
    subprocess.run([*pip, "--only-binary", ":all:", "-c", pins, "lark"], check=True)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, stdout=subprocess.DEVNULL)
    return sorted(folder.glob("*.whl"))


def _slim(wheel: Path, site: Path) -> str:
    """Copies the part of a wheel that the browser needs, and returns its name."""
    left_out = tuple(f"lrdsl/{folder}/" for folder in _LEFT_OUT)
    with (
        zipfile.ZipFile(wheel) as whole,
        zipfile.ZipFile(site / wheel.name, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as kept,
    ):
        for entry in whole.infolist():
            if not entry.filename.startswith((*left_out, "lrdsl/page/static/")):
                kept.writestr(entry, whole.read(entry), zipfile.ZIP_DEFLATED, 9)
    return wheel.name


def _recipes() -> list[dict[str, str]]:
    """What there is to start from: the fields of the page."""
    example = (ROOT / "examples" / "resnet50.lrs").read_text("utf-8")
    found = [{"title": "ResNet-50 in 90 epochs", "text": example, "steps_per_epoch": "1251"}]
    for path in sorted(recipes.FOLDER.glob("*.lrs")):
        recipe = recipes.read(path)
        said = dict(word.split("=") for word in recipe.words.split())
        tokens = said.pop("per_step.tok", None)
        source = f"# {recipe.title}\n# {recipe.source}\n"
        fields = {"title": recipe.title, "text": source + recipe.text, **said}
        found.append({**fields, "tokens_per_step": tokens} if tokens else fields)
    return found


def measured(site: Path) -> str:
    """What the playground weighs, and how long it takes to start in a browser, if there is one.

    Args:
        site: its folder.
    """
    files = [path for path in site.iterdir() if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    packed = sum(len(gzip.compress(path.read_bytes(), 6)) for path in files)
    words = f"{site / 'index.html'}: {size / 1e6:.1f} MB, {packed / 1e6:.1f} MB compressed"
    if browser.path() is None:
        return f"{words}; no Chromium to start it in"
    with (
        served(site) as address,
        tempfile.TemporaryDirectory() as folder,
        browser.opened(Path(folder)) as tab,
    ):
        tab.open(address)
        tab.wait("document.documentElement.dataset.ready", 300)
        ready = json.loads(str(tab.run("document.documentElement.dataset.ready")))
    python, whole = ready["python"] / 1000, ready["all"] / 1000
    return f"{words}; ready after {whole:.1f} s, {python:.1f} s of it Python"


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files, and prints nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Prints nothing."""


class served:
    """Serves a folder as long as the context lasts; its address.

    Args:
        folder: the folder.
    """

    def __init__(self, folder: Path) -> None:
        handler = partial(_Quiet, directory=str(folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)

    def __enter__(self) -> str:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}/"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


if __name__ == "__main__":
    try:
        print(measured(build()))  # noqa: T201
    except npm.NpmError as error:
        sys.exit(f"error: {error}")
