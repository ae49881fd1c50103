from __future__ import annotations

import pytest

import lrdsl
from lrdsl.diagnostics import catalogue
from tests.cli.conftest import Run


def test_the_list_has_every_code_in_order(run: Run) -> None:
    done = run("explain")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines == [[code, slug] for slug, code in catalogue.codes().items()]
    assert [code for code, _ in lines] == sorted(code for code, _ in lines)
    assert len(lines) > 40
    assert (done.stderr, done.exit_code) == ("", 0)


@pytest.mark.parametrize("slug", catalogue.codes())
def test_each_is_explained_by_code_and_by_name(run: Run, slug: str) -> None:
    code = catalogue.codes()[slug]
    done = run("explain", code)
    assert done.stdout.startswith(f"# {code} {slug}\n\n")
    assert done.stdout.endswith("```\n")
    assert (done.stderr, done.exit_code) == ("", 0)
    assert run("explain", slug).stdout == run("explain", code.lower()).stdout == done.stdout


def test_the_way_from_an_error_to_its_page(run: Run) -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse("cosin(20)")
    last = str(caught.value).splitlines()[-1]
    assert last.startswith("more: lrdsl explain ")
    assert run(*last.split()[2:]).exit_code == 0


@pytest.mark.parametrize("code", ["LRS000", "cosine", "", "LRS"])
def test_an_unknown_code_is_misuse(run: Run, code: str) -> None:
    done = run("explain", code)
    wanted = f"lrdsl: there is no code {code}; `lrdsl explain` lists them all\n"
    assert (done.stdout, done.stderr, done.exit_code) == ("", wanted, 2)
