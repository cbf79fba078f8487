"""The promise: a message opens an emergency, people are paged, a human calls back, the ledger proves it.

No HTTP route and no command line here.
"""
