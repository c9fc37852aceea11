"""python-for-android's resolver, asked."""

from mobile.packaging import project, recipes, spec
from mobile.packaging.project import Project
from mobile.packaging.recipes import name_of


def test_the_real_requirements_have_an_order() -> None:
    here = project.here()
    found = recipes.resolved(spec.read(here.spec), here.mobile)
    order = list(found.recipes)
    assert found.bootstrap == "sdl2"
    assert order.index("python3") < order.index("numpy")
    assert order.index("cffi") < order.index("cryptography")
    assert order.index("libsodium") < order.index("pynacl")
    assert found.recipes["python3"].startswith("3.14")


def test_our_recipes_go_before_those_that_would_not_do() -> None:
    here = project.here()
    found = recipes.resolved(spec.read(here.spec), here.mobile).recipes
    assert (found["pynacl"], found["libsodium"], found["protobuf"]) == ("1.6.2", "1.0.20", "6.33.6")


def test_a_conflict_is_a_finding(bare: Project) -> None:
    bare.spec.write_text(bare.spec.read_text().replace("    cffi,", "    cffi,\n    sdl3,"))
    found = recipes.check(bare)
    assert not found.ok
    assert "sdl3" in found.said
    assert "requirements" in found.todo


def test_names_are_compared_as_the_index_does() -> None:
    assert name_of("Dag_CBOR") == name_of("dag.cbor") == "dag-cbor"
