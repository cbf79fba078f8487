"""The shell that keeps the promise: takes inputs in, wakes what is due, sends, reconciles.

Every choice is the core's.
"""
