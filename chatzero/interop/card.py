"""The card of an exported folder: how to run it there, then the model's own card."""

from pathlib import Path

from chatzero.language import tr


def exported_card(model_folder: Path, front_matter: dict[str, str], how_to_run: str) -> str:
    """Markdown. The facts, data and scores are those of the model folder's own card, where it has one."""
    own = model_folder / "README.md"
    body = own.read_text(encoding="utf-8") if own.is_file() else ""
    theirs, body = _split_front_matter(body)
    keys = {**theirs, **front_matter}
    lines = ["---", *(f"{key}: {value}" for key, value in keys.items()), "---", ""]
    lines += [tr("Exported by ChatZero.", "由 ChatZero 导出。"), "", how_to_run.strip(), "", body.strip(), ""]
    return "\n".join(lines)


def _split_front_matter(card: str) -> tuple[dict[str, str], str]:
    if not card.startswith("---\n") or "\n---\n" not in card[4:]:
        return {}, card
    head, _, body = card[4:].partition("\n---\n")
    pairs = (line.partition(":") for line in head.splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, _, value in pairs}, body
