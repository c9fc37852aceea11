"""The staged tree as Python: does it parse from 3.11 to 3.14, and is all there that it imports?

Only as much as can be seen without running it; `trial` runs it. Python's own grammar of 3.11 reads
it (`feature_version`), and what 3.12, 3.13 and 3.14 took away is looked for by name.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mobile.packaging.finding import Finding, outcome
from mobile.packaging.project import Project
from mobile.packaging.staging import ENTRIES, PACKAGES, left_out

OLDEST: Final = (3, 11)
GONE: Final = frozenset({
    *("asynchat", "asyncore", "distutils", "imp", "smtpd"),  # 3.12
    *("aifc", "audioop", "cgi", "cgitb", "chunk", "crypt", "imghdr", "mailcap", "msilib", "nis"),
    *("nntplib", "ossaudiodev", "pipes", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib"),
    "lib2to3",  # 3.13, as the two lines above
})  # fmt: skip
"""Modules of 3.11's standard library that 3.14 has not."""
GONE_NAMES: Final = {
    "ast": {"Bytes", "Ellipsis", "NameConstant", "Num", "Str"},
    "importlib.abc": {"ResourceReader", "Traversable", "TraversableResources"},
    "importlib.resources": {"contents", "is_resource", "open_text", "path", "read_text"},
    "itertools": set[str](),
    "pkgutil": {"ImpImporter", "ImpLoader", "find_loader", "get_loader"},
    "sqlite3": {"OptimizedUnicode", "version", "version_info"},
    "typing": {"ByteString", "io", "re"},
    "unittest": {"findTestCases", "getTestCaseNames", "makeSuite"},
    "urllib.parse": {"Quoter"},
    "asyncio": {"AbstractChildWatcher", "SafeChildWatcher", "get_child_watcher"},
    "locale": {"resetlocale"},
}
"""Names that went between 3.11 and 3.14, or go next; `importlib.resources` has some back, and we
need none of them."""
NOT_ON_PHONES: Final = frozenset({
    *("curses", "ensurepip", "idlelib", "lib2to3", "readline", "tkinter", "turtle", "venv", "test"),
})  # fmt: skip
"""What python-for-android leaves out of its standard library, or Android has no use for."""
ON_DESKTOPS: Final = {
    "web3rec.rerank.bundle.onnx_backend": {"onnxruntime"},
    "trust.digraph": {"networkx"},
    "p2p.mdns_zeroconf": {"zeroconf"},
    "mobile.main": {"mobile.demo", "mobile.screenshots"},
}
"""Imports of modules that stay behind, each asked for where its path is taken only: by module."""
BY: Final = {
    "Crypto": "pycryptodome",
    "OpenSSL": "pyopenssl",
    "attr": "attrs",
    "dateutil": "python-dateutil",
    "dns": "dnspython",
    "google": "protobuf",
    "jnius": "pyjnius",
    "nacl": "pynacl",
}
"""Which distribution brings a module whose name differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import in one file."""

    importer: str
    """The module it stands in."""
    line: int
    module: str
    """What is asked for; `a.b` for `from a import b` too, if a is ours."""
    names: tuple[str, ...]
    """What is taken from it."""
    at_once: bool
    """At the module's top, and not for type checkers only."""


def module_of(path: Path) -> str:
    """`a/b/__init__.py` is `a.b`."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def parsed(staged: Path) -> tuple[Mapping[str, ast.Module], list[str]]:
    """Each file's tree, by module; and what 3.11 cannot parse."""
    trees: dict[str, ast.Module] = {}
    faults = []
    for path in sorted(staged.rglob("*.py")):
        where = path.relative_to(staged)
        try:
            trees[module_of(where)] = ast.parse(
                path.read_bytes(), filename=str(where), feature_version=OLDEST
            )
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 0
            said = getattr(error, "msg", None) or str(error)
            faults.append(f"{where}:{line}: Python {OLDEST[0]}.{OLDEST[1]} cannot parse it: {said}")
    return trees, faults


def imports(trees: Mapping[str, ast.Module], packages: frozenset[str]) -> Iterator[Import]:
    """Every import of every file that is not for type checkers only.

    Args:
        trees: what was parsed, by module.
        packages: those of the modules that are packages.

    Cost: one walk over each tree.
    """
    for module, tree in trees.items():
        for node, at_once in _statements(tree, at_once=True):
            for name, names in _asked(node, module, module in packages):
                yield Import(
                    importer=module, line=node.lineno, module=name, names=names, at_once=at_once
                )


def _statements(node: ast.AST, *, at_once: bool) -> Iterator[tuple[ast.stmt, bool]]:
    """Each import statement, and whether it runs when the file does."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, at_once
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            otherwise = ast.Module(body=child.orelse, type_ignores=[])
            yield from _statements(otherwise, at_once=at_once)
        elif isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from _statements(child, at_once=at_once and not later)


def _asked(node: ast.AST, module: str, package: bool) -> list[tuple[str, tuple[str, ...]]]:
    if isinstance(node, ast.Import):
        return [(alias.name, ()) for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            parts = module.split(".")
            up = parts[: len(parts) - node.level + package]
            base = ".".join([*up, *([base] if base else [])])
        return [(base, tuple(alias.name for alias in node.names))]
    return []


def absent(found: Import, modules: frozenset[str], packages: frozenset[str]) -> list[str]:
    """What of ours an import asks for and is not staged, by name."""
    top = found.module.split(".")[0]
    if top not in PACKAGES:
        return []
    if found.module not in modules:
        return [found.module]
    if found.module not in packages:
        return []
    under = [f"{found.module}.{name}" for name in found.names]
    return [name for name in under if name not in modules and left_out(name)]


def _excused(importer: str, module: str) -> bool:
    allowed = ON_DESKTOPS.get(importer, set())
    return any(module == name or module.startswith(f"{name}.") for name in allowed)


def third_party(staged: Path) -> dict[str, list[str]]:
    """Distributions that the staged tree imports, each with the modules that do.

    What is only asked for on desktops is left out.
    """
    trees, _ = parsed(staged)
    found: dict[str, list[str]] = {}
    for each in imports(trees, _packages(staged)):
        top = each.module.split(".")[0]
        if top in PACKAGES or top in sys.stdlib_module_names or _excused(each.importer, top):
            continue
        found.setdefault(BY.get(top, top), []).append(each.importer)
    return found


def _packages(staged: Path) -> frozenset[str]:
    return frozenset(module_of(p.relative_to(staged)) for p in staged.rglob("__init__.py"))


def faults(staged: Path) -> list[str]:
    """All that is wrong with the tree."""
    trees, found = parsed(staged)
    modules = frozenset(trees)
    packages = _packages(staged)
    for each in imports(trees, packages):
        where = f"{each.importer}, line {each.line}"
        top = each.module.split(".")[0]
        if top in GONE:
            found.append(f"{where}: imports {each.module}, which Python 3.14 has not")
        elif top in NOT_ON_PHONES:
            found.append(f"{where}: imports {each.module}, which is not on phones")
        taken = GONE_NAMES.get(each.module, set())
        found += [
            f"{where}: {each.module}.{name} is gone or going by Python 3.14"
            for name in each.names
            if name in taken
        ]
        found += [
            f"{where}: imports {name}, which is not staged"
            for name in absent(each, modules, packages)
            if not (_excused(each.importer, name) and not each.at_once)
        ]
    found += [f"{entry} is missing" for entry in ENTRIES if not (staged / entry).is_file()]
    return found + [
        f"{entry}: {starts} is not staged"
        for entry, starts in (("main.py", "mobile.main"), ("service.py", "mobile.service.__main__"))
        if starts not in modules
    ]


def check(project: Project) -> Finding:
    """Parses, and imports nothing that is not there."""
    count = sum(1 for _ in project.staged.rglob("*.py"))
    return outcome(
        "sources",
        list(dict.fromkeys(faults(project.staged))),
        said=f"{count} files parse on Python 3.11, import nothing that 3.14 or the phone has not; "
        "main.py and service.py start modules that are there",
        todo="mend the named lines; or, if only a desktop takes that path, see ON_DESKTOPS and"
        " LEFT_OUT in mobile/packaging",
    )
