"""docs/distillation.md is whole: every key of a recipe, every kind, every link."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from web3rec.distill.recipe import FORMATS, SILENCES, STUDENTS, TEACHERS, VECTORS, TeacherPart
from web3rec.distill.recipe_toml import PARTS

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "distillation.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("\n## Recipes\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("part", PARTS)
def test_every_key_of_a_recipe_is_documented(part: str) -> None:
    rows = TABLE.partition(f"**[{part}]**")[2].partition("| **[")[0]
    for field in fields(PARTS[part]):
        assert f"`{field.name}`" in rows, f"[{part}] {field.name}"


def test_every_key_of_a_teacher_is_documented() -> None:
    rows = TABLE.partition("**[[teachers]]**")[2].partition("| **[")[0]
    for field in fields(TeacherPart):
        assert f"`{field.name}`" in rows, field.name


@pytest.mark.parametrize("word", [*FORMATS, *SILENCES, *STUDENTS, *TEACHERS, *VECTORS])
def test_every_kind_is_documented(word: str) -> None:
    assert re.search(rf"\b{word}\b", PAGE)


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)", PAGE)
    assert len(links) >= 5
    for link in links:
        assert (DOCS / link).exists(), link


def test_recipes_named_are_those_we_ship() -> None:
    shipped = {f"recipes/{path.name}" for path in (DOCS.parent / "recipes").glob("*.toml")}
    assert set(re.findall(r"recipes/[a-z0-9-]+\.toml", PAGE)) == shipped
