"""The carrier's REST API as the product calls it, one module per resource.

Nothing rings here.
"""
