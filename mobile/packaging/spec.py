"""buildozer.spec: names that buildozer does not know, and values that must hold.

buildozer itself checks that a few tokens are there and ignores what it does not know, so that a
mistyped `android.allow_bakup` would upload a private profile without a word. Environment variables
may override tokens when it builds; they are not looked at here.
"""

import difflib
import re
from collections.abc import Mapping
from configparser import Error
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from mobile.packaging.finding import Finding, outcome
from mobile.packaging.project import Project

P4A_TAG: Final = re.compile(r"v(\d{4})\.(\d{2})\.(\d{2})")
PERMISSIONS: Final = {
    "INTERNET": "peers are reached over TCP",
    "ACCESS_NETWORK_STATE": "whether there is a network, and whether it is metered",
    "FOREGROUND_SERVICE": "syncing in the background, which is off unless asked for",
    "FOREGROUND_SERVICE_DATA_SYNC": "the kind of that service, required since Android 14",
    "POST_NOTIFICATIONS": "the notice Android shows while the service runs; asked for then",
}
"""All that the app may ask for, and why."""
WANTED: Final = {
    "source.dir": "../build/android/app",
    "package.name": "web3rec",
    "package.domain": "org.web3rec",
    "android.ndk": "28c",
    "android.archs": "arm64-v8a, x86_64",
    "android.allow_backup": "False",
    "services": "Sync:service.py:foreground:foregroundServiceType=dataSync",
    "android.gradle_dependencies": "com.microsoft.onnxruntime:onnxruntime-android:1.28.0",
    "fullscreen": "0",
    "p4a.bootstrap": "sdl2",
}
"""Tokens with one right value; docs/android.md says why."""
LEAST_API: Final = 36
MIN_API: Final = 24
"""NumPy's recipe wants 24; Python 3.14 runs from 21 on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One entry of the spec's requirements."""

    name: str
    """As written."""
    version: str
    """After `==`; empty if none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What is in the file, by section."""

    sections: Mapping[str, Mapping[str, str]]

    def said(self, token: str) -> str:
        """The token's value in [app], on one line; empty if it is not there."""
        return " ".join(self.sections.get("app", {}).get(token, "").split())

    def listed(self, token: str) -> list[str]:
        """The token's value, split at commas."""
        return [part.strip() for part in self.said(token).split(",") if part.strip()]

    @property
    def requirements(self) -> list[Requirement]:
        """In the order written."""
        split = (part.partition("==") for part in self.listed("requirements"))
        return [Requirement(name=name, version=version) for name, _, version in split]


def read(path: Path) -> Spec:
    """The spec, by buildozer's own parser.

    Raises:
        OSError: it is not there.
        configparser.Error: it is no such file.
    """
    from buildozer.specparser import SpecParser  # noqa: PLC0415 - only packagers have it

    class Plain(SpecParser):  # type: ignore[misc]
        """Without what the environment says."""

        def _override_config_from_envs(self) -> None: ...

    parser = Plain()
    with path.open(encoding="utf-8") as file:
        parser.read_file(file)
    return Spec(
        sections={s: {k: parser.get(s, k) or "" for k in parser[s]} for s in parser.sections()}
    )


@cache
def _buildozer_says() -> str:
    """All of buildozer's code and its commented example: every token it knows stands in there."""
    found = find_spec("buildozer")
    assert found is not None and found.submodule_search_locations is not None  # noqa: S101, PT018
    home = Path(next(iter(found.submodule_search_locations)))
    files = [*sorted(home.rglob("*.py")), home / "default.spec"]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def unknown(spec: Spec) -> list[str]:
    """Tokens whose names stand nowhere in buildozer, with the nearest that do."""
    faults = []
    example = set(
        re.findall(r"^# ?([a-z][\w.-]+) = |^([a-z][\w.-]+) = ", _buildozer_says(), re.MULTILINE)
    )
    known = sorted({name for pair in example for name in pair if name})
    for section, tokens in spec.sections.items():
        for token in tokens:
            if not re.search(rf"(?<![\w.-]){re.escape(token)}(?![\w.-])", _buildozer_says()):
                near = difflib.get_close_matches(token, known, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                faults.append(f"[{section}] {token}: buildozer knows no such token{hint}")
    return faults


def wrong(spec: Spec) -> list[str]:
    """Values that break what docs/android.md promises."""
    faults = [
        f"{token} = {spec.said(token) or '(nothing)'}; wanted: {value}"
        for token, value in WANTED.items()
        if spec.said(token) != value
    ]
    api, least, ndk = (
        spec.said(f"android.{token}") or "0" for token in ("api", "minapi", "ndk_api")
    )
    if not api.isdigit() or int(api) < LEAST_API:
        faults.append(f"android.api = {api}; shops take {LEAST_API} and more")
    if not least == ndk == str(MIN_API):
        faults.append(f"android.minapi = {least}, android.ndk_api = {ndk}; both are {MIN_API}")
    faults += _permissions(spec) + _p4a(spec) + _pins(spec)
    return faults


def _permissions(spec: Spec) -> list[str]:
    listed = set(spec.listed("android.permissions"))
    more = [f"permission {p}: nobody said why" for p in sorted(listed - set(PERMISSIONS))]
    less = [f"permission {p} is missing: {PERMISSIONS[p]}" for p in PERMISSIONS if p not in listed]
    return more + less


def _p4a(spec: Spec) -> list[str]:
    from pythonforandroid import __version__  # noqa: PLC0415 - only packagers have it

    tag = P4A_TAG.fullmatch(spec.said("p4a.branch"))
    if tag is None:
        return [f"p4a.branch = {spec.said('p4a.branch')}: no tag of a release, vYYYY.MM.DD"]
    here = ".".join(str(int(part)) for part in __version__.split("."))
    asked = ".".join(str(int(part)) for part in tag.groups())
    if here != asked:
        return [f"p4a.branch asks for {asked}; what is checked here is {here}: make them the same"]
    return []


def _pins(spec: Spec) -> list[str]:
    """Names as python-for-android keeps them; see 0043 for what it does with others."""
    names = [requirement.name for requirement in spec.requirements]
    faults = [f"requirement {name} is named twice" for name in names if names.count(name) > 1]
    faults += [
        f"requirement {name}: write {name.lower().replace('-', '_')}, or its version is not kept"
        for name in names
        if name != name.lower().replace("-", "_")
    ]
    return faults


def check(project: Project) -> Finding:
    """Names and values; buildozer's own check is part of `rendering`."""
    todo = "mend mobile/buildozer.spec"
    try:
        spec = read(project.spec)
    except (OSError, Error) as error:
        return Finding(check="spec", said=f"cannot be read: {error}", todo=todo)
    tokens = sum(len(section) for section in spec.sections.values())
    return outcome(
        "spec",
        unknown(spec) + wrong(spec),
        said=f"{tokens} tokens, all known to buildozer; target SDK {spec.said('android.api')}, "
        f"from API {spec.said('android.minapi')}, {len(spec.listed('android.permissions'))} "
        f"permissions, no backup, python-for-android {spec.said('p4a.branch')}",
        todo=todo,
    )
