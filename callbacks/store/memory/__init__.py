"""The store in memory: dictionaries, copies on write, the same conflicts. For nights in virtual time, and for tests.

It asks no clock, draws no chance, and opens no file.
"""
