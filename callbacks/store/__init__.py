"""The database: tables, ledger, outbox, leases.

It keeps what it is given and decides nothing.
"""
