"""A remark: something that happened to a run or was noticed about it, said once, kept with its state."""

from dataclasses import dataclass

from chatzero.language import tr


@dataclass(frozen=True)
class Remark:
    """What, why and what to do, each in both languages as (English, Chinese). `name` tells two remarks apart."""

    step: int
    name: str
    what: tuple[str, str]
    why: tuple[str, str]
    do: tuple[str, str]

    def __str__(self) -> str:
        return f"{tr(*self.what)}\n  {tr('why: ', '原因：')}{tr(*self.why)}\n  {tr('do:  ', '办法：')}{tr(*self.do)}"
