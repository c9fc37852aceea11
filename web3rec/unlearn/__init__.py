"""Forgetting, proven: what comes after the log forgot.

forgetting   drop what was derived, look whether it is gone, sign the receipt
residue      what was erased, looked for in every file of the directory
audit        every stage rebuilt from the log, and compared with what is there

The receipt itself is `web3rec.store.receipt`; whether it still holds, `web3rec.store.standing`.
"""
