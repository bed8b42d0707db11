"""What came out of a pitfall as plain values for JSON, both languages together, and back again."""

from typing import Any

from chatzero.lab.pitfall import Measured, Version, Words


def to_document(name: str, measured: Measured) -> dict[str, object]:
    """Of the pitfall of that name."""
    return {
        "name": name,
        "holds": measured.holds,
        "found": measured.found._asdict(),
        "columns": {key: words._asdict() for key, words in measured.columns.items()},
        "versions": [
            {
                "name": version.name._asdict(),
                "numbers": version.numbers,
                "curve": [list(point) for point in version.curve],
                "said": version.said,
            }
            for version in measured.versions
        ],
        "notes": [words._asdict() for words in measured.notes],
    }


def from_document(document: dict[str, Any]) -> Measured:
    """The inverse of `to_document`, for a document that it wrote."""
    return Measured(
        columns={key: Words(**words) for key, words in document["columns"].items()},
        versions=tuple(
            Version(
                Words(**version["name"]),
                version["numbers"],
                tuple((step, loss) for step, loss in version["curve"]),
                version["said"],
            )
            for version in document["versions"]
        ),
        holds=document["holds"],
        found=Words(**document["found"]),
        notes=tuple(Words(**words) for words in document["notes"]),
    )
