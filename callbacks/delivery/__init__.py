"""Rules for what is sent: batching, retries, quarantine, limits.

Pure; the rows are anybody's.
"""
