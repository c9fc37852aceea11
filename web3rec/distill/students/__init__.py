"""Models that learn from lessons and teachers, and what ships of them.

    lessons (School.lessons) ─► training.trained ─► HybridWeights ─► bundling.bundle_of ─► bytes
    histories ─► sequence_torch.trained_sequence ─► SequenceModel ─► vectors, or a teacher

From a recipe, step by step:

    vectors = shipped(of_length_one(item_vectors))   # students.bundling: as devices will see them
    found = trained(lessons, valid, vectors, TrainParams(seed=0), HybridParams(),
                    labels=labels.scores, votes=None, tell=lambda epoch, most: ...)
    student = balanced(found.weights, lessons, vectors)   # students.balancing: before rounding
    found.weights                                    # HybridWeights: plain arrays, np.savez-able by
                                                     # `weights.arrays()`, back by HybridWeights.of
    worth(KeepOrder(), valid), worth(found.head, valid)
    worth(Hybrid(found.weights, vectors), valid)     # NDCG@10 of each list, for gates, intervals
    worth_of(labels.scores, valid)                   # the same of a teacher: gate.decision(name,
                                                     # worth_of(…), worth(Hybrid(…), valid), rng)
    reranker(on_device(student, vectors))            # students.bundling: int8, as devices run it
    files(student, vectors, eight_bit=True)          # model.onnx, weights.npz, items.i8
    bundle_of(student, vectors, facts, key)          # a signed bundle of them

`vectors` may be a mapping from item key (`store.key_of(item id)`) to float32[d], or a function from
a person's name to such a mapping: those fitted without the person's targets, all in one basis.
Labels are float64[candidates] for each lesson, nan for no opinion; teachers are `sequence_teacher`
(several models of sequences, cross-fitted), `distill.ensemble`, files and endpoints.

What of a model of sequences a device can run: its item vectors, read by the hybrid's own attention;
its encoder does not ship (bundles hold no model that knows items by number). See `sequence`.

Modules that end in `_torch` import torch when they are called; nothing else here does.
"""
