"""The protocols of others: what their clients send, and what they expect back.

Each file reads requests into typed columns and writes answers; how a request is let in, queued,
counted and logged is the same for all of them and lies one floor up, in `lingqu.outlets`.
"""
