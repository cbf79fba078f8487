"""The command `callbacks`, one module per subject, imported when it is called.

Decisions are made by the engine.
"""
