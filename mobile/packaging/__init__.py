"""What can be said of the Android package without an Android SDK, NDK or device.

    python -m mobile.packaging stage     what ships, copied to build/android/app
    python -m mobile.packaging check     every check below, offline; `--json`, `--refresh`

    spec ─► tokens        buildozer's own check, names it does not know, values that must hold
         ─► recipes       python-for-android's own resolver takes the requirements
         ─► rendering     buildozer's arguments through python-for-android's build.py ─► manifest
         ─► audit         each distribution: recipe, Android wheel, pure wheel, stand-in, unneeded
    staging ─► sources    parses on Python 3.11 … 3.14; imports nothing that is not there
            ─► trial         runs with nothing but what ships and the requirements
            ─► traces     no path of the machine it was made on
    pictures              icons and start picture

The tools' own code is run wherever that is possible: a check of our own would test our idea of
them. Nothing here ships, and nothing here was ever followed by a build: docs/android.md says what
that leaves open.
"""
