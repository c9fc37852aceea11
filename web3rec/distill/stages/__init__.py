"""From a recipe to a signed bundle, a stage at a time; what is done already is not done again.

    recipe ─► label ─► train ─► export ─► quantize ─► bundle ─► verify

    workshop   files there whole or not at all      kitchen, running  what a stage is; their order
    material   what stays, what is hidden, who learns   classroom   the lessons as a file
    vectors    what the bundle says of items            teachers    made and asked
    label      what teachers said                       calibrating how much each person counts
    train      the student, and the gates               blending    what a teacher adds to it
    pupils     students, by kind (linear_pupil)         judging     what an order is worth
    packing    export, quantize, bundle                 verifying   opened as a device would
    reporting, plot   what people read              sharding, forgetting   who leaves, and what then

Stages hand each other files and nothing else. Explained in docs/distillation.md.
"""
