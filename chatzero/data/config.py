"""The `[data]` table of a recipe: which files, and what of them is kept back. Checked without torch."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(gt=0, lt=1)]
Paths = Annotated[tuple[str, ...], Field(min_length=1)]


class DataConfig(BaseModel):
    """Paths are relative to the folder in which the command runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: Paths = Field(
        description="files or folders (jsonl, json, csv, tsv, parquet, txt; .gz too), or hf:OWNER/NAME"
    )
    heldout: Share | Paths = Field(
        default=0.02,
        description="share of the questions kept back, or files to hold out; their loss shows what was only memorised",
    )
    fill: Mapping[str, str] = Field(
        default_factory=dict, description="words for placeholders: name = 'Ada' makes {{name}} in the data read Ada"
    )
    max_rows: int | None = Field(default=None, gt=0, description="rows to read of each file, from its beginning")
