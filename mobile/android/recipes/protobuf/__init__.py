"""protobuf as its pure wheel.

Without a recipe, pip would run on the machine that builds and take the wheel with that machine's
compiled part. A recipe without an address asks the index for what runs on Android, and builds
nothing.
"""

from pythonforandroid.recipe import PyProjectRecipe


class ProtobufRecipe(PyProjectRecipe):  # type: ignore[misc]
    """Below 7, as libp2p asks; what it generated its messages with is older."""

    name = "protobuf"
    version = "6.33.6"


recipe = ProtobufRecipe()
