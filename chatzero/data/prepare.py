"""A corpus -> a clean folder: train.jsonl, heldout.jsonl, quarantine.jsonl, report.json. All appear, or none."""

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from statistics import quantiles

from chatzero.data.front_door import Corpus, ReadReport
from chatzero.data.languages import language_of
from chatzero.data.lint import LEFT_OUT, Finding, Kind, lint
from chatzero.data.records import BadRow
from chatzero.data.split import divide
from chatzero.errors import ConfigError, StorageError
from chatzero.language import tr
from chatzero.text.conversation import Conversation

REPORT = "report.json"
SET_ASIDE = "set aside"
"""The kind of problem that the front door found: rows it could not use."""

Json = Mapping[str, object]


@dataclass(frozen=True)
class Survey:
    """All that `chatzero data check` says: how the files were read, what was found, what is in them."""

    report: ReadReport
    findings: list[Finding]
    conversations: int
    turns: int
    characters: tuple[int, int, int]
    """Of a conversation: the median, the 95th percentile, the longest."""
    languages: Mapping[str, int]

    @property
    def problems(self) -> Mapping[str, int]:
        """How many of each kind, rows set aside included; empty when all is well."""
        kinds = Counter(str(finding.kind) for finding in self.findings)
        if self.report.quarantine:
            kinds[SET_ASIDE] = len(self.report.quarantine)
        return dict(kinds.most_common())

    @property
    def examples(self) -> Mapping[str, list[str]]:
        """Of each kind of problem, every place where it stands, and what it is."""
        found: dict[str, list[str]] = {kind: [] for kind in self.problems}
        for finding in self.findings:
            found[str(finding.kind)].append(f"{finding.origin}: {finding.detail}")
        for row in self.report.quarantine:
            found[SET_ASIDE].append(f"{row.origin}: {row.reason}")
        return found

    def as_json(self) -> Json:
        """One document, with every finding and every row set aside (without the row itself)."""
        return {
            "conversations": self.conversations,
            "turns": self.turns,
            "characters": dict(zip(("median", "p95", "longest"), self.characters, strict=True)),
            "languages": dict(self.languages),
            "problems": dict(self.problems),
            "files": [vars(file) for file in self.report.files],
            "ignored": list(self.report.ignored),
            "findings": [
                {"kind": f.kind, "file": f.origin.file, "line": f.origin.line, "detail": f.detail}
                for f in self.findings
            ],
            "quarantine": [
                {"file": row.origin.file, "line": row.origin.line, "reason": row.reason}
                for row in self.report.quarantine
            ],
        }


@dataclass(frozen=True)
class Prepared:
    """What `write_prepared` writes."""

    training: list[Conversation]
    held_out: list[Conversation]
    quarantine: list[BadRow]
    survey: Survey


def problem_titles() -> Mapping[str, str]:
    """The kinds of problems, in the reader's language."""
    chinese: dict[Kind, str] = {
        "duplicate": "重复",
        "near duplicate": "近似重复",
        "conflicting answers": "同问不同答",
        "control characters": "控制字符",
        "mojibake": "乱码",
        "html": "HTML 残留",
        "too long": "过长",
    }
    return {kind: tr(kind, name) for kind, name in chinese.items()} | {SET_ASIDE: tr(SET_ASIDE, "无法使用")}


def survey(corpus: Corpus) -> Survey:
    """Look at everything, change nothing."""
    lengths = [sum(len(m.content) for m in conversation.messages) for conversation in corpus.conversations]
    # with fewer than two there are no quantiles
    cuts = quantiles(lengths, n=20, method="inclusive") if len(lengths) > 1 else lengths * 19
    return Survey(
        report=corpus.report,
        findings=lint(corpus),
        conversations=len(corpus.conversations),
        turns=sum(len(conversation.messages) for conversation in corpus.conversations),
        characters=(round(cuts[9]), round(cuts[18]), max(lengths)),
        languages=dict(
            Counter(language_of(_text(conversation)) for conversation in corpus.conversations).most_common()
        ),
    )


def prepare(corpus: Corpus, held_out_share: float) -> Prepared:
    """Leave out what `lint.LEFT_OUT` names, and split by first question: the same rows on every machine."""
    seen = survey(corpus)
    reasons: dict[int, str] = {}
    for finding in seen.findings:
        if finding.kind in LEFT_OUT:
            reasons.setdefault(finding.index, f"{finding.kind}: {finding.detail}")
    kept = [c for index, c in enumerate(corpus.conversations) if index not in reasons]
    left_out = [
        BadRow(corpus.origins[index], reason, json.dumps(_as_json(corpus.conversations[index]), ensure_ascii=False))
        for index, reason in sorted(reasons.items())
    ]
    training, held_out = divide(kept, held_out_share)
    return Prepared(training, held_out, [*corpus.report.quarantine, *left_out], seen)


def write_prepared(prepared: Prepared, folder: Path) -> None:
    """Write the folder beside its place, then put it there: an interruption leaves the old folder, or none.

    A folder that an earlier `prepare` made is replaced; any other that is not empty is refused (`ConfigError`).
    Raises `StorageError` when the disk is full or refuses.
    """
    if folder.is_file():
        raise ConfigError(
            what=tr(f"{folder} is a file", f"{folder} 是一个文件"),
            why=tr("a folder is written there", "要写出的是文件夹"),
            do=tr("choose another --out", "请用 --out 指定其他文件夹"),
        )
    if folder.exists() and not (folder / REPORT).is_file() and any(folder.iterdir()):
        raise ConfigError(
            what=tr(f"{folder} exists and is not empty", f"{folder} 已存在且不为空"),
            why=tr("only a folder that `data prepare` made is replaced", "只会覆盖由 data prepare 生成的文件夹"),
            do=tr("choose another --out", "请用 --out 指定其他文件夹"),
        )
    draft: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = _new_folder(folder.parent, f".{folder.name}.tmp")
        _write_lines(draft / "train.jsonl", map(_as_json, prepared.training))
        _write_lines(draft / "heldout.jsonl", map(_as_json, prepared.held_out))
        _write_lines(draft / "quarantine.jsonl", map(_bad_as_json, prepared.quarantine))
        report = {
            "training": len(prepared.training),
            "held_out": len(prepared.held_out),
            "quarantined": len(prepared.quarantine),
            **prepared.survey.as_json(),
        }
        (draft / REPORT).write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        _put_in_place(draft, folder)
    except OSError as error:
        raise StorageError(
            what=tr(f"cannot write {folder}", f"无法写入 {folder}"),
            why=error.strerror or str(error),
            do=tr(
                "free some space or choose another --out; nothing was half-written",
                "请清理空间或用 --out 指定其他位置；没有留下写了一半的文件",
            ),
        ) from error
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)


def _put_in_place(draft: Path, folder: Path) -> None:
    if not folder.exists():
        os.replace(draft, folder)
        return
    attic = _new_folder(folder.parent, f".{folder.name}.old")
    os.replace(folder, attic / folder.name)
    os.replace(draft, folder)
    shutil.rmtree(attic, ignore_errors=True)


def _new_folder(parent: Path, prefix: str) -> Path:
    # not tempfile.mkdtemp: its folders are closed to everybody else, and this one is going to stay
    path = parent / f"{prefix}-{token_hex(4)}"
    path.mkdir()
    return path


def _write_lines(path: Path, rows: Iterable[Json]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        file.flush()
        os.fsync(file.fileno())


def _as_json(conversation: Conversation) -> Json:
    return {"messages": [{"role": m.role, "content": m.content} for m in conversation.messages]}


def _bad_as_json(row: BadRow) -> Json:
    # a byte that could not be decoded stands as a lone surrogate, which UTF-8 cannot hold
    text = row.row.encode("utf-8", errors="backslashreplace").decode("utf-8")
    return {"file": row.origin.file, "line": row.origin.line, "reason": row.reason, "row": text}


def _text(conversation: Conversation) -> str:
    return "\n".join(message.content for message in conversation.messages)
