"""The models of a server: its own, and those of the runs on this machine, loaded when first asked for, a few at a time.

Each has an engine to itself. Where there is no room for one more, the one that was used longest ago goes, if nobody
uses it; the server's own always stays.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

from chatzero.apps.server.api_error import ApiError
from chatzero.apps.server.served import Served
from chatzero.checkpoint.bundle import MODEL_FOLDER, Bundle, load_bundle
from chatzero.errors import ChatZeroError
from chatzero.language import tr
from chatzero.pipeline.run_summary import run_folders, run_id
from chatzero.serving.engine import Engine

_WEIGHTS = Path(MODEL_FOLDER) / "model.safetensors"


def model_name(folder: Path) -> str:
    """What the API calls the model in this folder: the name of its run, or of the folder."""
    folder = folder.resolve()
    return folder.parent.name if folder.name == MODEL_FOLDER else folder.name


@dataclass(frozen=True)
class _Loaded:
    """A model as it was written at `stamp_ns`: a run may write another in its place."""

    served: Served
    folder: Path
    stamp_ns: int


@final
class Shelf:
    """Lives in the event loop."""

    def __init__(self, own: Served, new_engine: Callable[[Bundle], Engine]) -> None:
        """`new_engine` makes one that has not started."""
        self.own = own
        self._settings = own.settings
        self._new_engine = new_engine
        self._loaded: OrderedDict[str, _Loaded] = OrderedDict()
        self._lent: Counter[str] = Counter()
        self._one_at_a_time = asyncio.Lock()

    async def names(self) -> Mapping[str, int]:
        """Every model there is, the server's own first, with when it was made (seconds since 1970)."""
        found = await asyncio.to_thread(self._folders)
        made = {name: _stamp_ns(folder) // 10**9 for name, folder in found.items()}
        return {self._settings.model_id: self.own.created, **made}

    @contextmanager
    def lending(self) -> "Iterator[Lending]":
        """For one request: what it takes stays loaded until the block ends."""
        lent = Lending(self)
        try:
            yield lent
        finally:
            self._lent.subtract(lent.taken)

    async def take(self, name: str, taken: list[str]) -> Served:
        """The model of that name, noted in `taken`. Raises `ApiError` where there is none, or no room for it now."""
        if name == self._settings.model_id:
            return self.own
        taken.append(name)
        self._lent[name] += 1
        if (there := self._sound(name)) is None:
            async with self._one_at_a_time:
                there = self._sound(name) or await self._load(name)
        self._loaded.move_to_end(name)
        return there.served

    @property
    def loaded(self) -> list[str]:
        """Those in memory beside the server's own, the one used last at the end."""
        return list(self._loaded)

    @property
    def unused(self) -> list[str]:
        """Those of them that nobody uses now."""
        return [name for name in self._loaded if not self._in_use(name)]

    async def close(self) -> None:
        """By now nobody listens: what still runs, runs for nobody."""
        for there in self._loaded.values():
            await asyncio.to_thread(there.served.engine.stop, 1.0)
        self._loaded.clear()

    def _sound(self, name: str) -> _Loaded | None:
        """The model, if it is loaded and still as its folder has it; or is being used, as it was."""
        there = self._loaded.get(name)
        if there is None or self._in_use(name, but=1) or _stamp_ns(there.folder) == there.stamp_ns:
            return there
        return None

    async def _load(self, name: str) -> _Loaded:
        folder = (await asyncio.to_thread(self._folders)).get(name)
        if folder is None:
            if name in self._loaded and not self._in_use(name, but=1):
                await self._put_away(name)
            self.own.require(name)  # says that there is none
            raise AssertionError("the server's own model is never loaded")
        if name in self._loaded:
            await self._put_away(name)
        while len(self._loaded) >= self._settings.max_models - 1:
            await self._put_away(self._longest_unused())
        there = await asyncio.to_thread(self._open, name, folder)
        there.served.engine.start()
        self._loaded[name] = there
        return there

    def _open(self, name: str, folder: Path) -> _Loaded:
        device = next(self.own.bundle.model.parameters()).device
        stamp_ns = _stamp_ns(folder)
        try:
            bundle = load_bundle(folder, device)
        except (ChatZeroError, OSError) as error:
            message = tr(f"the model '{name}' cannot be loaded: {error}", f"无法加载模型 '{name}'：{error}")
            raise ApiError(404, message, code="model_not_found", param="model") from error
        settings = replace(self._settings, model_id=name)
        return _Loaded(Served(bundle, settings, self._new_engine(bundle)), folder, stamp_ns)

    def _longest_unused(self) -> str:
        for name in self.unused:
            return name
        raise ApiError(
            429,
            tr(
                f"{self._settings.max_models} models are in use, and there is no room for another; try again soon",
                f"已有 {self._settings.max_models} 个模型在使用，放不下更多；请稍后再试",
            ),
            code="models_busy",
            kind="rate_limit_error",
            headers={"Retry-After": "5"},
        )

    def _in_use(self, name: str, but: int = 0) -> bool:
        """By requests (`but` of them are not counted), or by answers that are being written."""
        engine = self._loaded[name].served.engine
        return self._lent[name] > but or bool(engine.running or engine.waiting)

    async def _put_away(self, name: str) -> None:
        await asyncio.to_thread(self._loaded.pop(name).served.engine.stop, 1.0)

    def _folders(self) -> Mapping[str, Path]:
        """The run folders with a model, by the names under which they are offered."""
        settings = self._settings
        if settings.runs is None or not (settings.is_local or settings.train):
            return {}
        own = self.own.bundle.folder.resolve()
        found: dict[str, Path] = {}
        for folder in run_folders(settings.runs, settings.run_notes):
            if (folder / _WEIGHTS).is_file() and (folder / MODEL_FOLDER).resolve() != own:
                name = model_name(folder)
                taken = name in found or name == settings.model_id
                found[f"{name}-{run_id(folder)[:6]}" if taken else name] = folder
        return found


@final
class Lending:
    """What one request takes from the shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self.settings = shelf.own.settings
        self.taken: list[str] = []
        self._shelf = shelf

    async def model(self, name: str | None) -> Served:
        """The model of that name; the server's own without one. Raises `ApiError`: unknown, damaged, no room."""
        return self._shelf.own if name is None else await self._shelf.take(name, self.taken)


def _stamp_ns(folder: Path) -> int:
    """0 where it is gone."""
    try:
        return (folder / _WEIGHTS).stat().st_mtime_ns
    except OSError:
        return 0
