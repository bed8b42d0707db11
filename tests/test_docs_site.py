"""The site: every page it names is there in both languages, and links are mended for it. Building it is `.ci/run`'s."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.build_site import GUIDES, ROOT, chapter_places, chinese_page, configuration, linked, unbroken


def files_named(places: object) -> Iterator[str]:
    """Every page in a navigation."""
    if isinstance(places, str):
        yield places
    elif isinstance(places, list):
        for place in places:
            yield from files_named(place)
    elif isinstance(places, dict):
        for place in places.values():
            yield from files_named(place)


def test_every_page_of_the_navigation_is_there() -> None:
    named = set(files_named(configuration([])["nav"]))
    sources = {page.removesuffix(".md") for page in named}
    missing = [page for page in sources if not any((ROOT / f"{page}{end}").exists() for end in (".md", ".py"))]
    assert missing == []
    assert len(named) == 2 * (len(GUIDES) + 1 + 19) + 1


def test_each_guide_is_in_both_languages() -> None:
    pages = [page for _, _, name in GUIDES for page in (f"{name}.md", chinese_page(name))]
    assert pages[:2] == ["README.md", "README.zh-CN.md"]
    assert [page for page in pages if not (ROOT / page).exists()] == []


def test_each_page_of_docs_is_in_the_navigation() -> None:
    pages = {f"docs/{page.name.removesuffix('.md')}" for page in (ROOT / "docs").glob("*.md") if ".zh" not in page.name}
    assert pages - {name for _, _, name in GUIDES} == {"docs/overview"}  # the map leads the reference


def test_chapters_go_by_their_titles() -> None:
    assert next(chapter_places("en")) == {"1. Environment": "tutorial/en/01_environment.md"}
    assert next(chapter_places("zh")) == {"1. 环境": "tutorial/zh/01_environment.md"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[a](en/04_attention.py)", "[a](en/04_attention.md)"),
        ("[a](README.zh-CN.md)", "[a](README.zh-CN.md)"),
        ("[a](../docs/answers.md#x)", "[a](../docs/answers.md#x)"),
        ("[a](book.py)", "a"),
        ("[a](https://example.org)", "[a](https://example.org)"),
        ("![a](images/x.png)", "![a](images/x.png)"),
    ],
)
def test_links(before: str, after: str) -> None:
    assert linked(before, Path(ROOT / "tutorial")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("一行写不下，\n接着写", "一行写不下，接着写"),
        ("- 一行写不下，\n  接着写", "- 一行写不下，接着写"),
        ("先说话\nthen English", "先说话\nthen English"),
        ("一段\n\n又一段", "一段\n\n又一段"),
        ("```text\n甲\n乙\n```\n丙\n丁", "```text\n甲\n乙\n```\n丙丁"),
        ("代码：\n\n    甲\n    乙", "代码：\n\n    甲\n    乙"),
    ],
)
def test_chinese_lines_are_joined(before: str, after: str) -> None:
    assert unbroken(before) == after
