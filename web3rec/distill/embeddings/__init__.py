"""Item vectors in distillation: for students to read, and as a teacher of their own.

How they are learnt: `web3rec.embeddings`, which needs SciPy and no torch.
"""
