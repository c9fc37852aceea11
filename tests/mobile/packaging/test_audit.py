"""Where each requirement comes from: a case worked by hand, and each fault planted."""

import json
from collections.abc import Mapping

import pytest

from mobile.libp2p_stubs import STUBS
from mobile.packaging import audit, project
from mobile.packaging import spec as spec_file
from mobile.packaging.audit import Snapshot
from mobile.packaging.project import Project
from mobile.packaging.recipes import Resolved
from mobile.packaging.spec import Spec

PINNED = "numpy, click==8.5.1, libp2p==0.8.1, idna==3.20"
WHEELS = {
    "click": ("click-8.5.1-py3-none-any.whl",),
    "libp2p": ("libp2p-0.8.1-py3-none-any.whl",),
    "idna": ("idna-3.20-py3-none-any.whl",),
}
NEEDS = {
    "click": ('colorama; sys_platform == "win32"',),
    "libp2p": ("fastecdsa==2.3.2", "grpcio>=1.41", "idna>=3", "numpy>=2", 'pytest; extra == "dev"'),
}


def _spec(requirements: str) -> Spec:
    return Spec(sections={"app": {"requirements": requirements}})


def _audit(
    *,
    pinned: str = PINNED,
    wheels: Mapping[str, tuple[str, ...]] = WHEELS,
    needs: Mapping[str, tuple[str, ...]] = NEEDS,
    recipes: dict[str, str] | None = None,
    imported: dict[str, list[str]] | None = None,
    brought: frozenset[str] = frozenset({"click", "libp2p", "idna"}),
) -> audit.Audit:
    return audit.audit(
        _spec(pinned),
        Resolved(recipes=recipes or {"numpy": "2.3.0"}, wheels=brought, bootstrap="sdl2"),
        Snapshot(taken="2026-11-22", asked_for=(), wheels=wheels, needs=needs),
        imported or {"numpy": ["web3rec.rank"]},
    )


def test_by_hand() -> None:
    made = _audit()
    assert made.faults == ()
    assert made.source == {
        "numpy": "recipe",
        "click": "pure wheel",
        "libp2p": "pure wheel",
        "idna": "pure wheel",
        "fastecdsa": "stand-in",
        "grpcio": "unneeded",
    }
    assert made.counted == "3 pure wheel, 1 recipe, 1 stand-in, 1 unneeded"


def test_a_requirement_of_a_requirement_that_is_nowhere_is_missing() -> None:
    made = _audit(needs={**NEEDS, "click": ("colorama",)})
    assert made.source["colorama"] == "missing"
    assert "colorama, which click needs: no requirement" in made.faults[0]


def test_what_our_own_code_imports_is_required() -> None:
    made = _audit(imported={"torch": ["web3rec.deep"]})
    assert any("torch, which web3rec.deep needs" in fault for fault in made.faults)


def test_a_compiled_wheel_is_no_answer_for_a_phone() -> None:
    compiled = "click-8.5.1-cp314-cp314-manylinux_2_17_x86_64.whl"
    made = _audit(wheels={**WHEELS, "click": (compiled, *WHEELS["click"])})
    assert any(f"pip would take {compiled}" in fault for fault in made.faults)


def test_a_version_that_the_index_has_not_is_missing() -> None:
    made = _audit(wheels={**WHEELS, "idna": ()})
    assert any("idna" in f and "no wheel of this version" in f for f in made.faults)


def test_a_recipe_that_is_too_old_is_found() -> None:
    made = _audit(recipes={"numpy": "1.26.4"})
    assert "numpy 1.26.4 (recipe): libp2p wants >=2" in made.faults


def test_pynacl_of_python_for_android_would_not_do() -> None:
    made = _audit(
        pinned=f"{PINNED}, pynacl",
        needs={**NEEDS, "libp2p": ("pynacl>=1.6.2",)},
        recipes={"numpy": "2.3.0", "pynacl": "1.3.0"},
    )
    assert "pynacl 1.3.0 (recipe): libp2p wants >=1.6.2" in made.faults


def test_what_a_recipe_brings_unpinned_is_found() -> None:
    made = _audit(brought=frozenset({"click", "libp2p", "idna", "chardet"}))
    assert any("chardet would be installed in whatever version" in f for f in made.faults)


def test_a_stand_in_beside_the_real_one_is_found() -> None:
    pinned = f"{PINNED}, psutil==7.2.2"
    wheels = {**WHEELS, "psutil": ("psutil-7.2.2-py3-none-any.whl",)}
    assert any("psutil has a stand-in" in f for f in _audit(pinned=pinned, wheels=wheels).faults)


def test_nothing_is_both_a_stand_in_and_unneeded() -> None:
    assert not set(STUBS) & set(audit.UNNEEDED)


def test_the_snapshot_is_of_the_spec_and_names_no_address() -> None:
    here = project.here()
    text = here.snapshot.read_text()
    assert "://" not in text
    snapshot = audit.read(here.snapshot)
    assert snapshot.asked_for == audit.requirements_of(spec_file.read(here.spec))
    assert set(snapshot.wheels) == set(snapshot.needs)


def test_a_snapshot_older_than_the_spec_is_found(small: Project) -> None:
    text = small.spec.read_text()
    small.spec.write_text(text.replace("click==8.5.1", "click==8.6.0"))
    found = audit.check(small)
    assert not found.ok
    assert "click==8.5.1, click==8.6.0" in found.said
    assert "--refresh" in found.todo


@pytest.mark.parametrize("content", ["", "[]", '{"taken": 1}', json.dumps({"distributions": 3})])
def test_a_damaged_snapshot_is_a_finding(small: Project, content: str) -> None:
    small.snapshot.write_text(content)
    assert "the snapshot" in audit.check(small).said


def test_no_snapshot_is_a_finding(small: Project) -> None:
    small.snapshot.unlink()
    assert "--refresh" in audit.check(small).todo
