"""One emergency: its facts, what may arrive, how it is decided, and whether the promise was kept.

Pure: no clock, no database, no network, no wording.
"""
