"""PyNaCl as new as libp2p asks.

python-for-android's recipe builds 1.3.0 of 2018, which has no `crypto_core_ed25519_is_valid_point`:
importing libp2p would fail on the phone. Never built here.
"""

from pathlib import Path
from typing import Any

from pythonforandroid.recipe import PyProjectRecipe


class PyNaClRecipe(PyProjectRecipe):  # type: ignore[misc]
    """Linked to libsodium's recipe: its own copy would be built for the wrong machine."""

    name = "pynacl"
    version = "1.6.2"
    url = "https://github.com/pyca/pynacl/archive/refs/tags/{version}.tar.gz"
    site_packages_name = "nacl"
    depends = ("setuptools", "cffi", "libsodium", "python3")
    call_hostpython_via_targetpython = False
    hostpython_prerequisites = ("cffi>=2.0.0", "setuptools>=77")

    def get_recipe_env(self, arch: Any, **kwargs: Any) -> dict[str, str]:
        """Where libsodium's headers and library are."""
        env: dict[str, str] = super().get_recipe_env(arch, **kwargs)
        sodium = Path(self.get_recipe("libsodium", self.ctx).get_build_dir(arch.arch))
        headers = sodium / "src" / "libsodium" / "include"
        env["SODIUM_INSTALL"] = "system"
        env["CFLAGS"] += f" -I{headers}"
        env["LDFLAGS"] += f" -L{self.ctx.get_libs_dir(arch.arch)}"
        return env


recipe = PyNaClRecipe()
