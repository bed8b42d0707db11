"""The `[data]` table of a recipe: which files, and what of them is kept back. Checked without torch."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(gt=0, lt=1)]
Paths = Annotated[tuple[str, ...], Field(min_length=1)]
Kind = Literal["chats", "pairs"]


class DataConfig(BaseModel):
    """Paths are relative to the folder in which the command runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind = Field(
        default="chats", description="chats (in stage pretrain: plain text), or pairs: parallel text to translate"
    )
    files: tuple[str, ...] = Field(
        default=(),
        description="files or folders (jsonl, json, csv, tsv, parquet, txt; .gz too), or hf:OWNER/NAME",
    )
    source: str | None = Field(
        default=None,
        description="of pairs: the file to translate from, line beside line with `target`; or a field of `files`",
    )
    target: str | None = Field(default=None, description="of pairs: the file, or the field, to translate into")
    heldout: Share | Paths = Field(
        default=0.02,
        description="share of the questions kept back, or files to hold out; their loss shows what was only memorised",
    )
    fill: Mapping[str, str] = Field(
        default_factory=dict, description="words for placeholders: name = 'Ada' makes {{name}} in the data read Ada"
    )
    on_disk: bool | None = Field(
        default=None,
        description="rows are kept in files in the run folder and read from there, for data larger than the memory; "
        "left out: when the files are larger than 256 MB",
    )
    max_rows: int | None = Field(default=None, gt=0, description="rows to read of each file, from its beginning")

    @model_validator(mode="after")
    def _names_what_it_needs(self) -> "DataConfig":
        if self.kind == "chats" and not self.files:
            raise ValueError("files: name at least one")
        if self.kind == "pairs" and (self.source is None or self.target is None):
            raise ValueError("kind = 'pairs' needs source and target: two files, or two fields of files")
        if self.kind == "pairs" and not self.files and not isinstance(self.heldout, float) and len(self.heldout) != 2:
            raise ValueError("heldout: two files, in the order source, target; or a share")
        return self
