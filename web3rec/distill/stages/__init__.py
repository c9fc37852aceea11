"""From a recipe to a signed bundle, a stage at a time; what is done already is not done again.

recipe ─► label ─► train ─► export ─► quantize ─► bundle ─► verify

workshop   the directory: files there whole or not at all, and what each stage was made of
material   the data set: what stays, what is hidden, and who is kept from the student
classroom  the lessons as a file
asking     teachers, made and asked            blending   what a teacher adds to a student
pupils     students: linear_pupil, hybrid      judging    what an order is worth, to each person
label, train, export, quantize, bundling       the stages
verifying  the bundle, opened as a device would    reporting, plot    what people read
"""
