"""python-for-android's own resolver on the spec's requirements.

Is there an order in which the recipes can be built, and what do they bring along?
"""

import contextlib
import io
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mobile.packaging import spec as spec_file
from mobile.packaging.finding import Finding
from mobile.packaging.project import Project
from mobile.packaging.spec import Spec


class NoOrderError(ValueError):
    """The resolver found no order; its own words say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What would be built."""

    recipes: Mapping[str, str]
    """Recipes in the order they are built, with the version each takes; empty if it has none."""
    wheels: frozenset[str]
    """What has no recipe, and is installed by pip without looking at what it needs."""
    bootstrap: str


def name_of(distribution: str) -> str:
    """A distribution's name as it is compared: lower case, every run of separators one `-`."""
    return "-".join(distribution.lower().replace("_", "-").replace(".", "-").split("-"))


def resolved(spec: Spec, mobile: Path) -> Resolved:
    """What python-for-android makes of the requirements.

    Raises:
        NoOrderError: they conflict, or a recipe is broken.

    Cost: .1 s, and .7 s the first time for importing it.
    """
    from pythonforandroid.bootstrap import Bootstrap  # noqa: PLC0415 - only packagers have it
    from pythonforandroid.build import Context  # noqa: PLC0415
    from pythonforandroid.graph import get_recipe_order_and_bootstrap  # noqa: PLC0415
    from pythonforandroid.recipe import Recipe  # noqa: PLC0415
    from pythonforandroid.util import BuildInterruptingException  # noqa: PLC0415

    pinned = {r.name: r.version for r in spec.requirements}
    silent = logging.getLogger("p4a")
    level, silent.level = silent.level, logging.ERROR
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            context = Context()
            context.local_recipes = str(mobile / spec.said("p4a.local_recipes"))
            bootstrap = Bootstrap.get_bootstrap(spec.said("p4a.bootstrap"), context)
            order, modules, found = get_recipe_order_and_bootstrap(context, list(pinned), bootstrap)
            versions = {
                name: pinned.get(name)
                or (Recipe.get_recipe(name, context).version or "").lstrip("v")
                for name in order
            }
    except (BuildInterruptingException, ValueError, ImportError) as error:
        raise NoOrderError(str(error)) from error
    finally:
        silent.level = level
    return Resolved(
        recipes={name: version.lstrip("v") for name, version in versions.items()},
        wheels=frozenset(name_of(module) for module in modules),
        bootstrap=str(found.name),
    )


def check(project: Project) -> Finding:
    """The resolver's verdict."""
    try:
        found = resolved(spec_file.read(project.spec), project.mobile)
    except NoOrderError as error:
        return Finding(
            check="recipes",
            said=f"python-for-android: {error}",
            todo="take one of what conflicts out of requirements in mobile/buildozer.spec",
        )
    return Finding(
        check="recipes",
        said=f"python-for-android orders {len(found.recipes)} recipes on {found.bootstrap}, "
        f"Python {found.recipes.get('python3', '?')}; {len(found.wheels)} wheels by pip",
    )
