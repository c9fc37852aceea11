"""Models that learn from lessons and teachers, and what ships of them.

    lessons (School.lessons) ─► training.trained ─► HybridWeights ─► bundling.bundle_of ─► bytes
    histories ─► sequence_torch.trained_sequence ─► SequenceModel ─► vectors, or a teacher

From a recipe, step by step:

    vectors = shipped(item_vectors)                  # students.bundling: as devices will see them
    found = trained(lessons, valid, vectors, TrainParams(seed=0), HybridParams(),
                    labels=labels.scores, votes=None, tell=lambda epoch, most: ...)
    found.weights                                    # HybridWeights: plain arrays, np.savez-able by
                                                     # `weights.arrays()`, back by HybridWeights.of
    worth(KeepOrder(), valid), worth(found.head, valid)
    worth(Hybrid(found.weights, vectors), valid)     # NDCG@10 of each list, for gates, intervals
    worth_of(labels.scores, valid)                   # the same of a teacher: gate.decision(name,
                                                     # worth_of(…), worth(Hybrid(…), valid), rng)
    exported(found.weights)                          # students.exporting: model.onnx, float32
    exported(found.weights, eight_bit=True)          # the same as quantize_dynamic would have it
    bundle_of(found.weights, vectors, facts, key)    # students.bundling: a signed bundle, int8

`vectors` may be a mapping from item key (`store.key_of(item id)`) to float32[d], or a function from
a person's name to such a mapping: those fitted without the person's targets, all in one basis.
Labels are float64[candidates] for each lesson, nan for no opinion; teachers are `sequence_teacher`
(several models of sequences, cross-fitted), `distill.ensemble`, files and endpoints.

What of a model of sequences a device can run: its item vectors, read by the hybrid's own attention;
its encoder does not ship (bundles hold no model that knows items by number). See `sequence`.

Modules that end in `_torch` import torch when they are called; nothing else here does.
"""
