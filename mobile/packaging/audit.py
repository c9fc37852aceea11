"""What the app needs of others, and where each comes from on a phone.

    what the staged tree imports ─► distributions ─► what they require ─► …
        each: a recipe · a pure wheel or source · a stand-in · unneeded, and why · missing

The package index is not asked: a snapshot of what it said lies beside this file, and `--refresh`
renews it. Versions count: python-for-android's PyNaCl 1.3.0 and zeroconf 0.24.5 install well and
cannot be imported by libp2p 0.8.1.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import parse_wheel_filename

from mobile.libp2p_stubs import STUBS
from mobile.packaging import sources
from mobile.packaging import spec as spec_file
from mobile.packaging.finding import Finding, outcome
from mobile.packaging.project import Project
from mobile.packaging.recipes import NoOrderError, Resolved, name_of, resolved
from mobile.packaging.spec import Spec

ON_A_PHONE: Final = {
    "extra": "",
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "aarch64",
    "platform_python_implementation": "CPython",
    "platform_system": "Android",
    "python_full_version": "3.14.2",
    "python_version": "3.14",
    "sys_platform": "android",
}
"""What requirements' markers are asked about."""
UNNEEDED: Final = {
    "charset-normalizer": "requests takes chardet, which Kivy's recipe brings",
    "click-default-group": "sqlite-utils' command line",
    "grpcio": "libp2p requires it and imports it nowhere",
    "importlib-metadata": "trio-typing's plug-in for mypy",
    "mypy-extensions": "trio-typing's plug-in for mypy",
    "mypy-protobuf": "generates libp2p's messages, which are there",
    "packaging": "trio-typing's plug-in for mypy",
    "pip": "sqlite-utils' command line",
    "rpcudp": "libp2p requires it and imports it nowhere",
    "tabulate": "sqlite-utils' command line",
    "types-protobuf": "for type checkers",
    "types-requests": "for type checkers",
    "tzdata": "only where a system has no time zones; Android has",
}
"""Required by what ships, and not shipped. `trial` runs without them, which shows that it holds."""
OLDER: Final = {
    "coincurve": "19.0.1 for 21.0.0: libp2p imports PrivateKey and PublicKey, which it has, for "
    "secp256k1 keys, which we make none of",
}
"""Recipes of versions that somebody's requirements refuse, and why it is well."""
AS_SOURCE: Final = frozenset({"python-baseconv", "varint"})
"""Published without wheels; one file of Python each, of which pip makes a pure wheel."""
SHIPPED: Final = frozenset({"recipe", "pure wheel", "pure source"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the package index said, the last time it was asked."""

    taken: str
    """The day."""
    asked_for: tuple[str, ...]
    """The spec's requirements then."""
    wheels: Mapping[str, tuple[str, ...]]
    """By distribution: wheels that Android and the building machine would take; () if none."""
    needs: Mapping[str, tuple[str, ...]]
    """By distribution: what it requires, as it says it."""


def requirements_of(spec: Spec) -> tuple[str, ...]:
    """The spec's requirements as they are kept: sorted, with versions."""
    return tuple(
        sorted(f"{r.name}=={r.version}" if r.version else r.name for r in spec.requirements)
    )


def read(path: Path) -> Snapshot:
    """The snapshot.

    Raises:
        OSError: it is not there.
        ValueError: it is no snapshot.
    """
    try:
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Snapshot(
            taken=str(said["taken"]),
            asked_for=tuple(said["asked_for"]),
            wheels={k: tuple(v["wheels"]) for k, v in said["distributions"].items()},
            needs={k: tuple(v["needs"]) for k, v in said["distributions"].items()},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no snapshot: {error!r}") from error


def _pure(wheel: str) -> bool:
    """Whether a wheel runs anywhere."""
    tags = parse_wheel_filename(wheel)[3]
    return all(tag.abi == "none" and tag.platform == "any" for tag in tags)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Where everything comes from, and what is wrong with it."""

    source: Mapping[str, str]
    """By distribution: recipe, pure wheel, pure source, stand-in, unneeded, or missing."""
    faults: tuple[str, ...]

    @property
    def counted(self) -> str:
        """How many of each."""
        return ", ".join(f"{n} {kind}" for kind, n in sorted(Counter(self.source.values()).items()))


def audit(
    spec: Spec, found: Resolved, snapshot: Snapshot, imported: Mapping[str, list[str]]
) -> Audit:
    """Follow what is imported to what it requires, until nothing is new.

    Args:
        spec: what is asked for.
        found: which recipes that takes.
        snapshot: what the wheels require.
        imported: distributions that our own code imports, with the modules that do.
    """
    pinned = {name_of(r.name): r.version for r in spec.requirements}
    recipes = {name_of(name): version for name, version in found.recipes.items()}
    source: dict[str, str] = {}
    faults: list[str] = [
        f"{name} would be installed in whatever version is newest: pin it in the spec"
        for name in sorted(found.wheels)
        if not pinned.get(name)
    ]
    open_: list[tuple[Requirement, str]] = [
        *((Requirement(name), users[0]) for name, users in sorted(imported.items())),
        *((Requirement(name), "the spec") for name in sorted(pinned)),
    ]
    while open_:
        wanted, user = open_.pop(0)
        name = name_of(wanted.name)
        known = name in source
        source.setdefault(name, _source(name, pinned, recipes, snapshot))
        kind = source[name]
        version = pinned.get(name) or recipes.get(name, "")
        fits = wanted.specifier.contains(version, prereleases=True) if version else True
        if kind in SHIPPED and not fits and name not in OLDER:
            faults.append(f"{name} {version} ({kind}): {user} wants {wanted.specifier}")
        if known:
            continue
        if kind == "missing":
            faults.append(f"{name}, which {user} needs: {_missing(name, pinned, snapshot)}")
        if kind == "pure wheel":
            asks = (Requirement(need) for need in snapshot.needs.get(name, ()))
            open_ += [(r, name) for r in asks if r.marker is None or r.marker.evaluate(ON_A_PHONE)]
    faults += [
        f"{name} has a stand-in and would be shipped as well: take one away"
        for name in sorted(set(STUBS) & (set(pinned) | set(recipes)))
    ]
    return Audit(source=source, faults=tuple(dict.fromkeys(faults)))


def _source(
    name: str, pinned: Mapping[str, str], recipes: Mapping[str, str], snapshot: Snapshot
) -> str:
    if name in recipes:
        return "recipe"
    if name in AS_SOURCE and name in pinned and not snapshot.wheels.get(name):
        return "pure source"
    if name in pinned:
        wheels = snapshot.wheels.get(name, ())
        return "pure wheel" if wheels and all(_pure(wheel) for wheel in wheels) else "missing"
    if name in STUBS:
        return "stand-in"
    return "unneeded" if name in UNNEEDED else "missing"


def _missing(name: str, pinned: Mapping[str, str], snapshot: Snapshot) -> str:
    wheels = [wheel for wheel in snapshot.wheels.get(name, ()) if not _pure(wheel)]
    if name not in pinned:
        return "no requirement of the spec, no recipe, no stand-in, and not excused as unneeded"
    if not wheels:
        return "the index has no wheel of this version"
    return (
        f"pip would take {wheels[0]}, compiled for one machine; pin a version with a pure wheel,"
        " or give it a recipe as mobile/android/recipes/protobuf is"
    )


def check(project: Project) -> Finding:
    """The audit against the snapshot."""
    spec = spec_file.read(project.spec)
    refresh = "run: python -m mobile.packaging check --refresh (it asks the package index)"
    try:
        snapshot = read(project.snapshot)
    except (OSError, ValueError) as error:
        return Finding(check="requirements", said=f"the snapshot: {error}", todo=refresh)
    if snapshot.asked_for != requirements_of(spec):
        odd = sorted(set(snapshot.asked_for) ^ set(requirements_of(spec)))
        said = f"the spec's requirements changed since {snapshot.taken}: {', '.join(odd[:5])}"
        return Finding(check="requirements", said=said, todo=refresh)
    try:
        found = resolved(spec, project.mobile)
    except NoOrderError as error:
        return Finding(check="requirements", said=str(error), todo="see the check `recipes`")
    made = audit(spec, found, snapshot, sources.third_party(project.staged))
    return outcome(
        "requirements",
        list(made.faults),
        said=f"{len(made.source)} distributions: {made.counted}; as of {snapshot.taken}",
        todo="mend requirements in mobile/buildozer.spec, or say in mobile/packaging/audit.py why "
        "it is well",
    )
