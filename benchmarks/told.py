"""What a measurement tells: one JSON document, printed, and kept in a file if asked."""

import json
from collections.abc import Mapping
from pathlib import Path


def tell(document: Mapping[str, object], out: Path | None) -> None:
    text = json.dumps(document, indent=2, ensure_ascii=False)
    print(text)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")
