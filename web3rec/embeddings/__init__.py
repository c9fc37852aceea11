"""Item vectors, learnt from who has what: in closed steps of NumPy and SciPy, without torch.

    who has what ─► propagation (there and back) ─► fitting (softmax over all items) ─► vectors
    vectors ─► tables (what bundles hold) ─► a hybrid whose last layer is learnt listwise

No person has a vector: whoever asks is the sum of what it has, so a device needs nothing but the
vectors of items. Below experiments and distillation, which both fit them; needs the extra `eval`.
"""
