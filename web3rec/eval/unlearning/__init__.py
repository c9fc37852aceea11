"""How well is forgotten, and how fast: models that forget beside models trained again.

    Held (who has what) ─► Case (what is to be forgotten) ─► a model forgets it by each method
        ─► lists (utility) · membership inference (what still shows) · lift (poison) · seconds

The judge is always the same model trained without what was forgotten: an attack that cannot tell
the two apart cannot tell that anything was ever there. Knows matrices and numbers only.
"""
