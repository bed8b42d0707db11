"""Errors that say what happened, why, and what to do. The command line prints them without a traceback.

ConfigError: d_model=100 cannot be split over num_heads=8
  why: each head takes an equal slice of the residual stream
  do:  use d_model=96 or 104, or num_heads=5
"""

from functools import partial

from chatzero.language import tr


class ChatZeroError(Exception):
    """Something the person can mend. Each subclass also inherits the built-in kind it is (`ValueError`, ...)."""

    def __init__(self, *, what: str, why: str, do: str) -> None:
        super().__init__(what, why, do)
        self.what = what
        self.why = why
        self.do = do

    def __reduce__(self) -> tuple[object, ...]:
        """Whole on the way to another process, which calls what is given here."""
        return partial(type(self), what=self.what, why=self.why, do=self.do), ()

    def __str__(self) -> str:
        return f"{self.what}\n  {tr('why: ', '原因：')}{self.why}\n  {tr('do:  ', '办法：')}{self.do}"


class ConfigError(ChatZeroError, ValueError):
    """A setting that cannot be: unknown, missing, of the wrong type, or in conflict with another."""


class ShapeError(ChatZeroError, ValueError):
    """A tensor whose shape is not the one the block was built for."""


class DataError(ChatZeroError, ValueError):
    """Input text or a data file that cannot be used."""


class ModelFolderError(ChatZeroError, ValueError):
    """A model folder or checkpoint that is missing, incomplete, damaged, or made for another config."""


class StorageError(ChatZeroError, OSError):
    """The disk refused: no room, no permission."""


class TrainingError(ChatZeroError, RuntimeError):
    """Training cannot go on."""
