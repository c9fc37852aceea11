"""What a student can be told to be like: one loss a file, named after where it comes from.

    listwise   softmax cross-entropy of a list (ListNet)
    logits     a teacher's logits, on the 100 it holds best (Hinton; RankDistil)
    leader     a teacher's features, by mean square; profiles aligned by contrast (LEADER)
    slmrec     hidden states block by block, by cosine and norm; every block asked (SLMRec)
    rlmrec     two views of one thing are alike, of two things are not (RLMRec)
    mqsa_ted   items' vectors know what follows what (MQSA-TED)
    lorec      some people count less (LoRec; how much less, `web3rec.distill.calibration` says)

Each takes tensors and gives tensors, float32[lists] where a list has a loss of its own, so that
weights can be laid on lists; none knows students, files or people. Torch is imported by whoever
calls them. Which of them are used, and what they brought: docs/decisions/0030.
"""
