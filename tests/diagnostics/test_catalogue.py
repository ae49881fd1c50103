from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

import lrdsl
from lrdsl.diagnostics import catalogue
from lrdsl.diagnostics.render import render
from lrdsl.text.format import formatted
from tests.diagnostics.examples import (
    HERE,
    Example,
    Page,
    check_golden,
    config_findings,
    findings,
    page_paths,
    read_page,
)

GOLDENS = HERE / "goldens"
PACKAGE = Path(lrdsl.__file__).parent
RANGES = (
    "123456789"  # syntax, names, values, composition, targets, lints, configs, running, internal
)

# Bad examples that would fill a page are written out here.
GENERATED = {
    "hidden-character": "const(5)  # the peak \u202eis held",
    "too-long": "# a long text\n" + "#" * 4_000_000,
    "too-deep": "const(value = " + "0.1 + (" * 201 + "0.1" + ")" * 201 + ")",
    "too-many-errors": " >> ".join(f"f{i}({i})" for i in range(1, 200)),
    "too-many-items": f"points([{', '.join(map(str, range(20_004)))}], [0.1])",
    "too-many-parts": "let a1 = const(5) >> const(5)\n"
    + "".join(f"let a{i} = a{i - 1} >> a{i - 1}\n" for i in range(2, 15))
    + "a14",
}

# Codes that never come alone, with what comes before them.
COMPANIONS = {"too-many-errors": {"unknown-name"}}

# Codes that no text by itself brings out: they need an optimizer of torch, or an export. A test
# elsewhere has to bring out each of them.
NEEDS_TORCH: set[catalogue.Slug] = {
    "leftover-base",
    "no-base",
    "not-exportable",
    "not-sequential",
    "numbered-step",
    "mixed-steps",
    "other-base",
    "shared-name",
    "overlapping-targets",
    "past-total",
    "too-few-steps",
    "undriven-group",
    "unequal-groups",
    "unknown-group",
    "unknown-hyperparameter",
    "unsupported-target",
}

# What is about configs; their examples are configs.
IN_CONFIGS = "LRS7"

PAGES = [read_page(path) for path in page_paths()]
PAGES_WITHOUT_TORCH = [page for page in PAGES if page.slug not in NEEDS_TORCH]

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.stem)
each_page_without_torch = pytest.mark.parametrize(
    "page", PAGES_WITHOUT_TORCH, ids=lambda page: page.path.stem
)


def found_in(page: Page, example: Example) -> list[lrdsl.Diagnostic]:
    """What is reported about an example of a page."""
    text = GENERATED.get(page.slug, example.text) if example is page.bad else example.text
    if page.code.startswith(IN_CONFIGS):
        return config_findings(text)
    return findings(text, example.run)


@cache
def emitted() -> dict[str, str]:
    """Every slug that the package reports, and a file that does."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and called(node) in {
                "Diagnostic",
                "Problem",
                "refuse",
                "report",
                "warning",
                "_refuse",
            }:
                for argument in node.args[:2]:
                    slug = argument.value if isinstance(argument, ast.Constant) else None
                    if isinstance(slug, str) and re.fullmatch(r"[a-z]+(-[a-z]+)*", slug):
                        found[slug] = path.name
    return found


def called(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def test_every_slug_that_is_reported_has_a_page() -> None:
    assert {s: file for s, file in emitted().items() if s not in catalogue.CODES} == {}


def test_every_page_is_about_something_that_is_reported() -> None:
    assert set(catalogue.CODES) - emitted().keys() == set()


def test_codes_and_slugs_are_unique_and_in_the_ranges() -> None:
    stems = [path.stem.partition("-") for path in page_paths()]
    codes, slugs = [code for code, _, _ in stems], [slug for _, _, slug in stems]
    assert len(set(codes)) == len(set(slugs)) == len(stems)
    assert [code for code in codes if not re.fullmatch(rf"LRS[{RANGES}][0-9]{{2}}", code)] == []
    assert dict(zip(slugs, codes, strict=True)) == catalogue.CODES
    families = get_args(catalogue.Slug)
    assert families == catalogue.FAMILIES
    assert [slug for family in families for slug in get_args(family)] == [*catalogue.CODES]


@each_page
def test_a_page_is_named_after_its_code_and_fits_on_a_screen(page: Page) -> None:
    text = page.path.read_text(encoding="utf-8")
    assert page.path.stem == f"{page.code}-{page.slug}"
    assert len(text.splitlines()) <= 25
    assert [line for line in text.splitlines() if len(line) > 102 or line != line.rstrip()] == []
    in_config = page.code.startswith(IN_CONFIGS)
    own = "yaml" if in_config else "lrs"
    assert page.good.language == own
    wanted = "text" if page.slug in GENERATED else "python" if page.slug in NEEDS_TORCH else own
    assert page.bad.language == wanted


@each_page
def test_a_page_is_found_by_its_code_and_by_its_slug(page: Page) -> None:
    text = page.path.read_text(encoding="utf-8")
    slug = catalogue.find(page.code.lower())
    assert slug == catalogue.find(page.slug.upper()) == page.slug
    assert catalogue.page(slug) == text


def test_there_is_no_page_for_an_unknown_code() -> None:
    assert catalogue.find("LRS999") is None


@each_page_without_torch
def test_a_bad_example_brings_out_its_code_and_no_other(page: Page) -> None:
    found = found_in(page, page.bad)
    slugs = {page.slug, *COMPANIONS.get(page.slug, ())}
    assert {diagnostic.slug for diagnostic in found} == slugs
    assert {d.code for d in found if d.slug == page.slug} == {page.code}
    warns = page.slug in catalogue.lints() or page.slug == "overridden-run"
    severity = "warning" if warns else "error"
    assert {diagnostic.severity for diagnostic in found} == {severity}


@each_page
def test_a_good_example_is_clean(page: Page) -> None:
    found = found_in(page, page.good)
    lint = page.slug in catalogue.lints()
    assert [d.slug for d in found if lint or d.severity == "error"] == []


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if not page.code.startswith(IN_CONFIGS)],
    ids=lambda page: page.path.stem,
)
def test_a_good_example_is_laid_out(page: Page) -> None:
    text = f"{page.good.text}\n"
    assert formatted(lrdsl.parse(text).module) == text


@each_page_without_torch
def test_the_rendering_of_a_bad_example(page: Page) -> None:
    own = [found for found in found_in(page, page.bad) if found.slug == page.slug]
    check_golden(GOLDENS / f"{page.code}.txt", "\n".join(map(render, own)))


def test_there_is_no_golden_without_a_page() -> None:
    goldens = {path.name for path in GOLDENS.iterdir()}
    assert goldens == {f"{page.code}.txt" for page in PAGES_WITHOUT_TORCH}


@pytest.mark.parametrize("slug", sorted(NEEDS_TORCH))
def test_a_code_that_needs_torch_is_tested_elsewhere(slug: catalogue.Slug) -> None:
    code = catalogue.CODES[slug]
    others = [path for path in HERE.parent.rglob("test_*.py") if path.parent != HERE]
    texts = [path.read_text(encoding="utf-8") for path in others]
    assert any(slug in text or code in text for text in texts)
