"""One node of the engine: its loop, its lanes, its watchdog.

It knows no rule of the promise.
"""
