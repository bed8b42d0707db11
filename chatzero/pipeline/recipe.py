"""A recipe: everything a run is made from, as TOML, read strictly. Checked without torch.

stage = "sft"
[model]                       [tokenizer]                [data]
arch = "gpt"                  vocab_size = 4096          files = ["my_chats.jsonl"]
size = "micro"
                              [builtin]                  [train]
                              examples = 50000           minutes = 10
"""

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from chatzero.curriculum.registry import SkillSet
from chatzero.data.config import DataConfig
from chatzero.errors import ConfigError
from chatzero.language import tr
from chatzero.text.special_tokens import NUM_CONTROL_TOKENS
from chatzero.training.config import TrainConfig

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Arch = Literal["transformer", "gpt"]


class ModelTable(BaseModel):
    """`[model]`: which model, how large; or one to go on from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arch: Arch = Field(default="transformer", description="encoder-decoder of 2017, or decoder-only")
    size: str = Field(default="tiny", description="a named size; `chatzero doctor` lists them with predicted minutes")
    d_model: int | None = Field(default=None, gt=0, description="this number and those below: in place of the size's")
    num_heads: int | None = Field(default=None, gt=0)
    num_kv_heads: int | None = Field(default=None, gt=0, description="of a gpt")
    num_layers: int | None = Field(default=None, gt=0, description="of a gpt")
    num_encoder_layers: int | None = Field(default=None, gt=0, description="of a transformer")
    num_decoder_layers: int | None = Field(default=None, gt=0, description="of a transformer")
    dim_feedforward: int | None = Field(default=None, gt=0)
    max_seq_len: int = Field(default=256, ge=16, description="the window in tokens")
    dropout: float = Field(default=0.0, ge=0, lt=1)
    variant: Literal["qwen3", "llama", "gpt2"] | None = Field(
        default=None, description="of a gpt: its shape; gpt2 has learned positions, LayerNorm, GELU and biases"
    )
    positions: Literal["sinusoidal", "learned", "rotary"] | None = Field(
        default=None, description="of a transformer; those of a gpt come with its variant"
    )
    norm_order: Literal["post", "pre"] | None = Field(default=None, description="of a transformer; a gpt is always pre")
    start_from: Path | None = Field(default=None, description="a model or run folder whose weights to begin with")


class TokenizerTable(BaseModel):
    """`[tokenizer]`: trained on the run's data, or taken from a folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vocab_size: int = Field(default=4096, ge=256 + NUM_CONTROL_TOKENS)
    folder: Path | None = Field(default=None, description="a folder with tokenizer.json to use as it is")


class BuiltinTable(BaseModel):
    """`[builtin]`: conversations from the built-in bilingual curriculum."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    examples: int = Field(default=200_000, gt=0)
    skills: SkillSet = Field(default="core", description="core: what minutes can teach well; all: more, for longer")
    seed: int = Field(default=1, ge=0)


class Recipe(BaseModel):
    """One run. `pretrain` learns every token of plain text; `sft` learns the assistant's answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: Literal["pretrain", "sft"] = "sft"
    model: ModelTable = ModelTable()
    tokenizer: TokenizerTable = TokenizerTable()
    data: DataConfig | None = None
    builtin: BuiltinTable | None = None
    train: TrainConfig

    @model_validator(mode="after")
    def _has_data(self) -> "Recipe":
        if self.data is None and self.builtin is None:
            raise ValueError("give a [data] table with your files, or a [builtin] table, or both")
        return self


def read_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe in a TOML file, with `--set table.key=value` laid over it.

    Raises `ConfigError` naming the file, the key at fault and the nearest key there is.
    """
    try:
        raw: dict[str, object] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _bad(
            path,
            tr("there is no such file", "没有这个文件"),
            tr("name a recipe; see recipes/", "请指定一个配方文件，见 recipes/"),
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _bad(path, str(error), tr("mend this place in the file", "请修正文件中的这一处")) from error
    return parse_recipe(raw, path, overrides)


def parse_recipe(raw: dict[str, object], path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """A recipe from its tables, with the overrides laid over them; `path` is only named in errors."""
    for override in overrides:
        _lay_over(raw, override)
    try:
        return Recipe.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "recipe"
        if first["type"] == "extra_forbidden":
            known = _keys_beside(first["loc"])
            near = get_close_matches(str(first["loc"][-1]), known, n=1)
            hint = (
                tr(f"did you mean {near[0]}?", f"是不是 {near[0]}？")
                if near
                else tr(f"known: {', '.join(known)}", f"可用：{', '.join(known)}")
            )
            raise _bad(path, tr(f"unknown key {where}", f"未知的键 {where}"), hint) from error
        raise _bad(path, f"{where}: {first['msg']}", tr("mend this value", "请修正这个值")) from error


def _keys_beside(loc: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand where the unknown one stood."""
    tables: dict[str, type[BaseModel]] = {
        "model": ModelTable,
        "tokenizer": TokenizerTable,
        "data": DataConfig,
        "builtin": BuiltinTable,
        "train": TrainConfig,
    }
    table = tables.get(str(loc[0]), Recipe) if len(loc) > 1 else Recipe
    return sorted(table.model_fields)


def _lay_over(raw: dict[str, object], override: str) -> None:
    """Apply one `table.key=value`; the value is TOML, or a plain string where TOML has no such value."""
    path, equals, text = override.partition("=")
    if not equals or not path.strip():
        raise ConfigError(
            what=tr(f"--set {override!r} has no value", f"--set {override!r} 没有值"),
            why=tr("an override is table.key=value", "覆盖的写法是 table.key=value"),
            do=tr("for example --set train.learning_rate=3e-4", "例如 --set train.learning_rate=3e-4"),
        )
    *tables, key = path.strip().split(".")
    place = raw
    for table in tables:
        inner = place.setdefault(table, {})
        if not isinstance(inner, dict):
            raise ConfigError(
                what=tr(f"--set {override!r}: {table} is not a table", f"--set {override!r}：{table} 不是表"),
                why=tr("only tables hold keys", "只有表才有键"),
                do=tr("use table.key=value", "请使用 table.key=value"),
            )
        place = inner
    try:
        place[key] = tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        place[key] = text


def _bad(path: Path, why: str, do: str) -> ConfigError:
    return ConfigError(what=tr(f"the recipe {path} cannot be used", f"配方 {path} 无法使用"), why=why, do=do)
