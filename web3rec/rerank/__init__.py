"""Reranking: a second opinion on the graph's order, given before the budgets and bound by them.

    what the graph says ─► features ─► a Reranker's scores ─► the same candidates in another order

A reranker permutes the best candidates and no more (law M6); sponsor budgets come after it, so no
model can break them. Whatever goes wrong with it leaves the graph's order (X4).
"""
