"""The documentation as a site, in build/site: `python docs/build_site.py`, after `pip install -e .[docs]`.

Everything is put together in build/pages in the layout of this repository, so that links between pages hold as they
are: the pages of docs/, the READMEs, the chapters of the book with what they print and draw (run here: minutes, or
`--quick`), and a reference of every module from its docstrings. MkDocs then builds it with strict links, offline.

Chapters that use a trained model need one in runs/quickstart-transformer. Pages can be read as files; the search box
wants a server: `python -m http.server -d build/site`.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tutorial.book import LANGUAGES, chapters, read_cells  # noqa: E402
from tutorial.render import text_of, write_pages  # noqa: E402

PAGES, SITE, CONFIG = ROOT / "build" / "pages", ROOT / "build" / "site", ROOT / "build" / "mkdocs.yml"
_FENCED = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[(?P<words>[^]]*)\]\((?P<target>[^)#:]+)(?P<anchor>#[^)]*)?\)")
# Titles of the pages, English and Chinese, and the files.
GUIDES = (
    ("Start", "开始", "README"),
    ("Answers", "问答", "docs/answers"),
    ("Look inside", "看看内部", "docs/look"),
    ("Pitfall lab", "陷阱实验室", "docs/lab"),
    ("Serving", "提供服务", "docs/serving"),
    ("The studio", "工作室", "docs/studio"),
    ("Real data", "真实数据", "docs/real-data"),
    ("Results", "结果", "docs/results"),
    ("More than one machine", "多机训练", "docs/scaling"),
    ("Other engines", "其他引擎", "docs/interop"),
    ("Benchmarks", "基准测试", "docs/benchmarks"),
)
CHINESE_SUFFIXES = (".zh-CN.md", ".zh.md")


def copy_documents() -> None:
    """Every Markdown page of the repository, and the pictures."""
    shutil.rmtree(PAGES, ignore_errors=True)
    sources = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "tutorial").glob("*.md")]
    for source in sources:
        page = PAGES / source.relative_to(ROOT)
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(unbroken(linked(source.read_text(encoding="utf-8"), source.parent)), encoding="utf-8")
    shutil.copytree(ROOT / "docs" / "images", PAGES / "docs" / "images")


def linked(page: str, folder: Path) -> str:
    """Links to chapters lead to their pages; links to files that are no pages become plain words."""

    def mend(link: re.Match[str]) -> str:
        target = (folder / link["target"]).resolve()
        if target.suffix == ".md":
            return link[0]
        if target.suffix == ".py" and target.parent.name in LANGUAGES:
            return f"[{link['words']}]({link['target'].removesuffix('.py')}.md)"
        return link["words"]

    return _LINK.sub(mend, page)


def unbroken(page: str) -> str:
    """Chinese lines joined without the space that a line break would leave; fenced code as it is."""
    return "".join(part if part.startswith("```") else text_of(part) for part in _FENCED.split(page))


def write_reference() -> list[object]:
    """A page a room with the docstrings of its modules; gives their places in the navigation."""
    places: list[object] = []
    for room in sorted(path.parent for path in (ROOT / "chatzero").glob("*/__init__.py")):
        modules = sorted(path for path in room.rglob("*.py") if path.name != "__init__.py")
        names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in modules]
        page = PAGES / "reference" / f"{room.name}.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"# {room.name}\n\n" + "\n\n".join(f"::: {name}" for name in names) + "\n", encoding="utf-8")
        places.append({room.name: f"reference/{page.name}"})
    return places


def chapter_places(language: str) -> Iterator[object]:
    """The chapters in the navigation, by their titles."""
    for chapter in chapters(language):
        title = read_cells(chapter)[0].source.split("\n")[0].removeprefix("# ")
        yield {title: f"tutorial/{language}/{chapter.stem}.md"}


def chinese_page(name: str) -> str:
    """The Chinese page beside an English one."""
    return next(f"{name}{suffix}" for suffix in CHINESE_SUFFIXES if (ROOT / f"{name}{suffix}").exists())


def scheme(preferred: str, name: str, icon: str, other: str) -> dict[str, object]:
    """The colours of readers whose system is `preferred`, and the button to the `other` ones."""
    toggle = {"icon": f"material/{icon}", "name": other}
    return {"media": f"(prefers-color-scheme: {preferred})", "scheme": name, "toggle": toggle}


def configuration(reference: list[object]) -> dict[str, object]:
    """What MkDocs reads. The two languages stand side by side as tabs."""
    english = [{title: f"{name}.md"} for title, _, name in GUIDES]
    chinese = [{title: chinese_page(name)} for _, title, name in GUIDES]
    return {
        "site_name": "ChatZero · 从 0 到 1",
        "docs_dir": str(PAGES),
        "site_dir": str(SITE),
        "use_directory_urls": False,
        "strict": True,
        "theme": {
            "name": "material",
            "font": False,
            "palette": [
                scheme("light", "default", "weather-night", "Dark · 深色"),
                scheme("dark", "slate", "weather-sunny", "Light · 浅色"),
            ],
            "features": ["navigation.tabs", "navigation.footer", "content.code.copy", "search.highlight"],
        },
        "plugins": [
            {"search": {"lang": ["en", "zh"]}},
            {"mkdocstrings": {"handlers": {"python": {"paths": [str(ROOT)], "options": {"show_source": False}}}}},
        ],
        "markdown_extensions": ["tables", "pymdownx.superfences", "pymdownx.highlight"],
        "validation": {
            "nav": {"omitted_files": "ignore"},
            "links": {"unrecognized_links": "ignore", "anchors": "warn"},
        },
        "nav": [
            {"English": [*english, {"The book": ["tutorial/README.md", *chapter_places("en")]}]},
            {"中文": [*chinese, {"书": ["tutorial/README.zh-CN.md", *chapter_places("zh")]}]},
            {"Reference": ["docs/overview.md", *reference]},
        ],
    }


def name_the_language() -> None:
    """Chinese pages say that they are: browsers choose glyphs by it, and screen readers a voice."""
    named = [page for end in CHINESE_SUFFIXES for page in SITE.rglob(f"*{Path(end).stem}.html")]
    for page in (*named, *(SITE / "tutorial" / "zh").glob("*.html")):
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace('<html lang="en"', '<html lang="zh-CN"', 1), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="chapters with the small numbers that the tests use")
    quick = parser.parse_args().quick
    copy_documents()
    os.environ.setdefault("MPLBACKEND", "Agg")
    for language in LANGUAGES:
        for page in write_pages(chapters(language), PAGES / "tutorial" / language, quick):
            print(page)
    # JSON is YAML
    CONFIG.write_text(json.dumps(configuration(write_reference()), ensure_ascii=False, indent=1), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "--quiet", "--config-file", str(CONFIG)], check=True)
    name_the_language()
    print(SITE / "index.html")


if __name__ == "__main__":
    main()
