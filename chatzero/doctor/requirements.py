"""Which of a package's declared requirements hold on this machine. The versions wanted are written nowhere else."""

from collections.abc import Iterable

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version


def applying(declared: Iterable[str]) -> list[Requirement]:
    """Those that hold for this Python and system. Optional ones are left out, but for the version of torch."""
    found = []
    for words in declared:
        try:
            requirement = Requirement(words)
        except InvalidRequirement:  # metadata written by another age; pip itself passes over it
            continue
        marker = requirement.marker
        wanted_for_torch = requirement.name == "torch" and marker is not None and marker.evaluate({"extra": "torch"})
        if marker is None or marker.evaluate({"extra": ""}) or wanted_for_torch:
            found.append(requirement)
    return found


def satisfies(version: str, requirement: Requirement) -> bool:
    """A build of one's own with an unreadable version is taken to be right."""
    try:
        return requirement.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return True


def release_of(version: str) -> tuple[int, ...]:
    """The leading numbers: (2, 13, 0) of "2.13.0+cpu". Empty when there are none."""
    try:
        return Version(version).release
    except InvalidVersion:
        return ()
