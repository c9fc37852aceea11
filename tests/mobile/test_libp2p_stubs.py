"""What stands in for packages that Android lacks: as declared, nothing more, and never called."""

import ast
import importlib.metadata
import importlib.util
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from mobile.libp2p_stubs import OF, STUBS, StubError

ROOT = Path(__file__).parents[2]
TOPS = {stub.top for stub in STUBS.values() if stub.top is not None}
OPTIONAL = {"aioquic.quic.stream"}
"""libp2p does without, and says so in a try."""


def run(code: str, *more: str) -> str:
    """What a program prints that begins as an app does, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", f"from mobile.libp2p_stubs import *\n{code}", *more],
        cwd=ROOT,
        check=False,
        timeout=120,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# -- the table -------------------------------------------------------------------------------------


def imported(package: str) -> dict[str, set[str]]:
    """What the installed sources of a package import of those in the table, by module."""
    found: dict[str, set[str]] = defaultdict(set)
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    for path in Path(next(iter(spec.submodule_search_locations))).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                for name in (alias.name for alias in node.names):
                    if name.split(".")[0] in TOPS:
                        found[name] |= set()
            elif isinstance(node, ast.ImportFrom) and not node.level:
                module = node.module or ""
                if module.split(".")[0] in TOPS:
                    found[module] |= {alias.name for alias in node.names}
    return found


@pytest.mark.slow
def test_every_import_of_libp2p_and_its_own_is_declared() -> None:
    for package, version in OF.items():
        assert importlib.metadata.version(package) == version, "read its imports anew"
    modules = {module: names for stub in STUBS.values() for module, names in stub.names.items()}
    seen: set[str] = set()
    for package in ("libp2p", "multihash", "multiaddr"):
        for module, names in imported(package).items():
            if module in OPTIONAL:
                continue
            seen.add(module.split(".")[0])
            declared = {*modules[module], *(m.rpartition(".")[2] for m in modules)}
            assert names <= declared, f"{package} imports more of {module}"
    assert seen == TOPS, "declared and imported by nobody"


def test_packages_come_before_what_is_in_them_and_every_stub_says_why() -> None:
    for package, stub in STUBS.items():
        assert stub.package == package
        assert stub.why
        assert stub.stands_for
        before: set[str] = set()
        for module in stub.names:
            assert module.count(".") == 0 or module.rpartition(".")[0] in before, module
            before.add(module)
        full = {f"{module}.{name}" for module, names in stub.names.items() for name in names}
        assert stub.idle | stub.refused <= full


def test_the_table_is_read_without_anything_installed() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-c", "from mobile.libp2p_stubs import STUBS; print(len(STUBS))"],
        cwd=ROOT,
        check=True,
        timeout=60,
        capture_output=True,
        text=True,
    )
    assert int(done.stdout) == len(STUBS) == 10


# -- standing in -----------------------------------------------------------------------------------


def test_what_is_there_stays_itself() -> None:
    said = run(
        "print(install()); import psutil, mmh3; print(psutil.cpu_count() > 0, is_stub('mmh3'))"
    )
    assert said.splitlines() == ["()", "True False"]


def test_forced_stand_ins_come_instead_of_what_is_there() -> None:
    said = run(
        "ours = install(forced=True); assert ours == install(forced=True) == install()\n"
        "import psutil, aioquic.quic.connection\n"
        "print(len(ours), is_stub('psutil'), is_stub('aioquic'))"
    )
    assert said == f"{len(TOPS)} True True"


def test_forcing_after_the_real_one_was_imported_is_told() -> None:
    said = run("import psutil\ntry: install(forced=True)\nexcept RuntimeError as e: print(e)")
    assert said.startswith("psutil: imported already; call install(forced=True) before")


def test_every_declared_name_can_be_inherited_from_and_raises_when_it_is_called() -> None:
    said = run(
        "import importlib\n"
        "install(forced=True)\n"
        "count = 0\n"
        "for stub in STUBS.values():\n"
        "    for module, names in stub.names.items():\n"
        "        held = importlib.import_module(module)\n"
        "        for name in names:\n"
        "            one = getattr(held, name)\n"
        "            class Child(one): pass\n"
        "            assert (one | None) and not isinstance(3, one)\n"
        "            for call in (one, Child, lambda: one.anything, lambda: one().anything):\n"
        "                if f'{module}.{name}' in stub.idle and call in (one, Child):\n"
        "                    continue\n"
        "                try: call()\n"
        "                except StubError as e:\n"
        "                    assert stub.package in str(e) and 'mobile/libp2p_stubs.py' in str(e)\n"
        "                    count += 1\n"
        "                else: raise AssertionError((module, name))\n"
        "print(count)"
    )
    names = [name for stub in STUBS.values() for held in stub.names.values() for name in held]
    idle = [name for stub in STUBS.values() for name in stub.idle]
    assert int(said) == 4 * len(names) - 2 * len(idle)


def test_what_is_not_declared_is_not_there() -> None:
    said = run(
        "install(forced=True)\n"
        "for what in ('from psutil import users', 'import aioquic.tls', 'import psutil.x',\n"
        "             'import fastecdsa.encoding.der', 'import lru', 'import pylsqpack_'):\n"
        "    try: exec(what)\n"
        "    except ImportError: print('no')\n"
        "    else: print(what) if what != 'import lru' else print('no')"
    )
    assert said.split() == ["no"] * 6


def test_a_package_that_is_there_gets_no_stand_in_inside() -> None:
    said = run(
        "import sys, types; real = types.ModuleType('aioquic'); real.__path__ = []\n"
        "sys.modules['aioquic'] = real; print(install())\n"
        "try: import aioquic.quic\n"
        "except ImportError: print('as it is')"
    )
    assert said.splitlines() == ["()", "as it is"]


def test_a_stand_in_that_is_called_is_no_other_error() -> None:
    assert issubclass(StubError, NotImplementedError)
    assert not issubclass(StubError, ImportError), "who tries an import would go on without a word"


# -- in use ----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.parametrize("more", [(), ("mdns",)], ids=["as on a phone", "with mDNS asked for"])
def test_two_devices_gossip_and_sync_where_none_of_them_is_installed(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.mobile.gossiping", str(tmp_path), *more],
        cwd=ROOT,
        check=False,
        timeout=300,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert set(said["ours"]) == {stub.package for stub in STUBS.values() if stub.top}
    assert said["synced"] >= 1
    assert said["heard"] >= 1
    assert said["stored"] >= 4
    assert (said["rejected"], said["offences"], said["restarts"]) == (0, [{}, {}], [0, 0])
    assert said["source"] == "taste", "the other's likes reached the list"
    refused = frozenset[str]().union(*(stub.refused for stub in STUBS.values()))
    assert set(said["called"]) <= refused, "something that we do calls a stand-in"
