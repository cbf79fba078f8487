"""Compliance figures as a page, a picture, CSV and PDF.

They are counted in `callbacks/reporting`.
"""
