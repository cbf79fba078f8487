"""HTTP and the command line around `callbacks`: routes, pages, settings.

No rule of the promise is decided here, and `callbacks` imports nothing of it.
"""
