"""The server of the page, asked over HTTP."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import lrdsl
from lrdsl.cli.commands.serve import command as serving
from lrdsl.page.server import STATIC
from tests.serve.conftest import Serve
from tests.serve.started import check_works, started

ROOT = Path(lrdsl.__file__).parents[1]


def test_the_page_and_its_files(serve: Serve, schedule: Path) -> None:
    site = serve(schedule)
    for path, (name, kind) in STATIC.items():
        status, text, headers = site.ask(path)
        assert (status, headers["Content-Type"]) == (200, f"{kind}; charset=utf-8")
        assert text == (ROOT / "lrdsl" / "page" / "static" / name).read_text("utf-8")
        assert headers["Content-Security-Policy"].startswith(
            "default-src 'none'; script-src 'self'"
        )


def test_all_of_the_page_is_served() -> None:
    files = {path.name for path in (ROOT / "lrdsl" / "page" / "static").iterdir()}
    assert files == {name for name, _ in STATIC.values()}


@pytest.mark.parametrize("path", ["/", "/page.js", "/events", "/view?document=0&schedule=0"])
def test_only_this_machine_is_answered(serve: Serve, schedule: Path, path: str) -> None:
    site = serve(schedule)
    here = f"127.0.0.1:{site.port}"
    for host in (here, f"localhost:{site.port}", "localhost", "localhost:9000"):
        assert site.ask(path, Host=host)[0] == 200
    # Names that another site can have point here.
    for host in (
        "evil.example", f"evil.example:{site.port}", "127.0.0.1.evil.example", "localhost.evil",
        f"{here}@evil.example", "0.0.0.0", "", "localhost:", "127.0.0.1:80:80", "xlocalhost",
    ):  # fmt: skip
        status, text, _ = site.ask(path, Host=host)
        assert (status, text in ("", "this page is for this machine only\n")) == (403, True), host
    assert site.ask(path, Host=here, Origin=f"http://{here}")[0] == 200
    for origin in (
        "http://evil.example",
        "null",
        f"https://{here}",
        f"http://localhost:{site.port}",
    ):
        assert site.ask(path, Host=here, Origin=origin)[0] == 403, origin


def test_it_listens_on_this_machine_only(serve: Serve, schedule: Path) -> None:
    assert serve(schedule).server.server_address[0] == "127.0.0.1"


HOSTILE = [
    "/one.lrs", "/secret.txt", "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt",
    "//secret.txt", "/static/page.css", "/page.py", "/./page.css", "/page.css/../../server.py",
    "/view/../secret.txt", "http://127.0.0.1/secret.txt", "/\\secret.txt", "/%00",
    "/page.css%00.txt", "/index.html", "/favicon.ico", "/file:///etc/passwd", "/etc/passwd",
]  # fmt: skip
_OPENED: list[str] = []
_WATCHING: list[bool] = []


def _watch(event: str, arguments: Any) -> None:
    if _WATCHING and event in ("open", "os.listdir", "os.scandir"):
        _OPENED.append(str(arguments[0]))


def test_nothing_else_is_served_or_opened(
    serve: Serve, schedule: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (schedule.parent / "secret.txt").write_text("secret", encoding="utf-8")
    monkeypatch.chdir(schedule.parent)
    site = serve(schedule)
    sys.addaudithook(_watch)
    _WATCHING.append(True)
    try:
        for path in (*HOSTILE, *(f"/view?document={path}&schedule=0" for path in HOSTILE)):
            status, text, _ = site.ask(path.replace(" ", "%20"))
            assert status in (400, 404), path
            assert "secret" not in text
    finally:
        _WATCHING.clear()
    assert _OPENED == []


def test_the_hook_of_that_test_sees_a_file(tmp_path: Path) -> None:
    sys.addaudithook(_watch)
    _WATCHING.append(True)
    (tmp_path / "seen").write_text("", encoding="utf-8")
    _WATCHING.clear()
    assert any(path.endswith("seen") for path in _OPENED)
    _OPENED.clear()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_a_page_can_only_read(serve: Serve, schedule: Path, method: str) -> None:
    assert serve(schedule).ask("/", method)[0] == 501


def test_a_page_hears_of_every_change(serve: Serve, schedule: Path) -> None:
    site = serve(schedule)
    with site.events() as heard:
        (first,) = heard()["0"]["schedules"]
        assert [part["name"] for part in first["view"]["parts"]["lr"]] == ["warmup", "cosine"]
        times = []
        for end in (30, 40, 50, 60, 70):
            start = time.perf_counter()
            schedule.write_text(f"warmup(5) >> linear({end}, 1, 0)\n", encoding="utf-8")
            (renewed,) = heard()["0"]["schedules"]
            times.append(time.perf_counter() - start)
            assert renewed["view"]["steps"] == [0, end + 5]
    print(f"\nsaved to heard: {', '.join(f'{1000 * t:.0f}' for t in times)} ms")  # noqa: T201


def test_a_file_that_is_replaced(serve: Serve, schedule: Path) -> None:
    with serve(schedule).events() as heard:
        heard()
        new = schedule.with_suffix(".new")
        new.write_text("const(7, 0.1)\n", encoding="utf-8")
        os.utime(new, ns=(schedule.stat().st_atime_ns, schedule.stat().st_mtime_ns))
        new.replace(schedule)
        assert heard()["0"]["schedules"][0]["view"]["steps"] == [0, 7]


def test_the_same_text_again_is_no_news(serve: Serve, schedule: Path) -> None:
    with serve(schedule).events() as heard:
        heard()
        schedule.touch()
        time.sleep(0.2)
        schedule.write_text("const(9, 0.1)\n", encoding="utf-8")
        assert heard()["0"]["schedules"][0]["view"]["text"] == "const(9, 0.1)\n"


def test_a_file_that_is_empty_while_it_is_written(serve: Serve, schedule: Path) -> None:
    with serve(schedule).events() as heard:
        heard()
        with schedule.open("w", encoding="utf-8") as stream:
            stream.flush()
            time.sleep(0.06)
            stream.write("const(9, 0.1)\n")
        assert heard()["0"]["schedules"][0]["view"]["steps"] == [0, 9]
        schedule.write_text("", encoding="utf-8")
        (empty,) = heard()["0"]["schedules"]
        assert [one["slug"] for one in empty["view"]["diagnostics"]] == ["no-schedule"]


def test_a_text_with_errors_keeps_what_it_was(serve: Serve, schedule: Path) -> None:
    site = serve(schedule)
    with site.events() as heard:
        before = heard()["0"]["schedules"][0]["view"]
        schedule.write_text("warmup(5) >> cosin(20)\n", encoding="utf-8")
        (broken,) = heard()["0"]["schedules"]
        assert [one["code"] for one in broken["view"]["diagnostics"]] == ["LRS201"]
        assert broken["before"] == before
    with site.events() as heard:  # a page that is loaded now
        assert heard()["0"]["schedules"][0]["before"] == before


def test_a_file_that_vanishes_and_comes_back(serve: Serve, schedule: Path) -> None:
    text = schedule.read_text("utf-8")
    with serve(schedule).events() as heard:
        before = heard()["0"]["schedules"][0]["view"]
        schedule.unlink()
        gone = heard()["0"]
        assert gone["message"].startswith(f"There is no {schedule} any more")
        assert gone["schedules"] == [{"view": None, "before": before}]
        schedule.write_text(text, encoding="utf-8")
        back = heard()["0"]
        assert (back["message"], back["schedules"]) == ("", [{"view": before, "before": None}])


def test_several_files_change_by_themselves(serve: Serve, schedule: Path) -> None:
    other = schedule.with_name("other.lrs")
    other.write_text("const(3, 1)\n", encoding="utf-8")
    with serve(schedule, other).events() as heard:
        assert sorted(heard()) == ["0", "1"]
        other.write_text("const(4, 1)\n", encoding="utf-8")
        assert list(heard()) == ["1"]


def test_values_of_params_are_written_into_the_text(serve: Serve, schedule: Path) -> None:
    site = serve(schedule, run={"params": {"peak": "0.2"}})
    assert max(y for _, y in site.view()["curves"][0]["points"]) == pytest.approx(0.2)
    tried = site.view(set=["peak=0.7", "nothing=3"])
    assert tried["text"] == schedule.read_text("utf-8").replace("0.4", "0.7")
    assert max(y for _, y in tried["curves"][0]["points"]) == pytest.approx(0.7)
    wrong = site.view(set="peak=abc(")
    assert [one["severity"] for one in wrong["diagnostics"]][:1] == ["error"]
    assert [step for step, _ in site.view(first=10, last=12)["curves"][0]["points"]] == [10, 11, 12]


@pytest.mark.parametrize(
    "query",
    [
        "", "document=0", "schedule=0", "document=1&schedule=0", "document=0&schedule=1",
        "document=-1&schedule=0", "document=0&schedule=-1", "document=x&schedule=0",
        "document=0&schedule=0&first=x", "document=0&schedule=0&set=peak",
        "document=0&schedule=0&last=1e3", "&".join(["set=a=1"] * 300),
    ],
)  # fmt: skip
def test_a_view_that_is_not_there(serve: Serve, schedule: Path, query: str) -> None:
    assert serve(schedule).ask(f"/view?{query}")[:2] == (400, "there is no such view\n")


def test_what_is_known_of_the_run(serve: Serve, schedule: Path) -> None:
    schedule.write_text("warmup(5ep) >> cosine(rest, base)\n", encoding="utf-8")
    known = serve(
        schedule, run={"total": 100}, bases={"lr": 0.3}, defaults=lambda _: {"steps_per_epoch": 4}
    )
    found = known.view()
    assert (found["steps"], found["curves"][0]["base"]) == ([0, 100], 0.3)
    assert found["boundaries"] == [20, 100]


def test_a_schedule_of_a_config(serve: Serve, tmp_path: Path) -> None:
    config = tmp_path / "train.yaml"
    config.write_text("epochs: 9\na: const(3ep, 0.1)\nb: own.lrs\n", encoding="utf-8")
    (tmp_path / "own.lrs").write_text("const(9ep, 0.2)\n", encoding="utf-8")
    known = {"total_from": "epochs=ep", "keys": ("a", "b")}
    site = serve(f"{config}:a", config, f"{config}:c", **known)
    with site.events() as heard:
        found = heard()
        (one,) = found["0"]["schedules"]
        assert (one["view"]["name"], one["view"]["needs"]) == (f"{config}:a", ["--steps-per-epoch"])
        names = [schedule["view"]["name"] for schedule in found["1"]["schedules"]]
        assert names == [f"{config}:a", f"{config}:b"]
        assert "it has no key `c`" in found["2"]["message"]
        (tmp_path / "own.lrs").write_text("const(9ep, 0.3)\n", encoding="utf-8")
        renewed = heard()
        assert list(renewed) == ["1"]
        assert renewed["1"]["schedules"][1]["view"]["curves"][0]["points"][0] == [0, 0.3]
        config.write_text("a: [", encoding="utf-8")
        broken = heard()
        assert [one["severity"] for one in broken["1"]["diagnostics"]] == ["error"]
        config.write_text("x: 1\n", encoding="utf-8")
        while "1" not in (none := heard()):
            pass
        assert none["1"]["notes"] == [
            "There is no schedule here; --key names the keys that have one."
        ]


def test_no_answer_has_a_number_that_is_none(serve: Serve, schedule: Path) -> None:
    schedule.write_text("shape bad(n: steps) = 1 / (t - 3)  bad(10)\n", encoding="utf-8")
    site = serve(schedule)
    json.loads(site.ask("/view?document=0&schedule=0")[1], parse_constant=pytest.fail)


def test_the_command_says_where_and_ends_by_ctrl_c(schedule: Path) -> None:
    process = started("one.lrs", "--port", "0", "--total", "90", cwd=schedule.parent)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        address, _, rest = line.partition(" ")
        assert rest == "shows one.lrs; Ctrl-C ends it\n"
        port = int(address.removesuffix("/").rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=30) as held:
            held.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert held.recv(100).startswith(b"HTTP/1.0 200")
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        assert (process.returncode, out.strip(), err) == (0, "", "")
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("example", serving.examples)
def test_the_examples_of_the_help(example: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path, dirs_exist_ok=True)
    check_works(*shlex.split(example)[2:], cwd=tmp_path)


def test_a_port_that_is_taken(schedule: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = started("one.lrs", "--port", port, cwd=schedule.parent)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert (
        err == f"lrdsl: port {port} cannot be used: Address already in use; choose another --port\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no.lrs"], "lrdsl: cannot read no.lrs: No such file or directory\n"),
        (["."], "lrdsl: cannot read .: Is a directory\n"),
        (["warmup(5) >> const"], "directory; put the schedule in a file\n"),
        ([], "Missing argument 'FILE...'"),
        (["one.lrs", "--port", "70000"], "70000 is not in the range 0<=x<=65535"),
        (["one.lrs", "--base", "x"], "'x' is not a valid number"),
    ],
)
def test_what_cannot_be_shown(schedule: Path, words: list[str], said: str) -> None:
    process = started(*words, cwd=schedule.parent)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert said in err
