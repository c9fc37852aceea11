"""libsodium as PyNaCl 1.6.2 has it; python-for-android's is 1.0.16 of 2017. Never built here."""

from pythonforandroid.recipes.libsodium import LibsodiumRecipe


class Libsodium(LibsodiumRecipe):  # type: ignore[misc]
    """Built as theirs; the patch was for a header that has been mended since."""

    name = "libsodium"
    version = "1.0.20"
    patches = ()


recipe = Libsodium()
