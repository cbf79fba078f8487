"""Checks of everything that would stop a page tonight: what, why it matters, what to do.

Nothing is changed by looking.
"""
