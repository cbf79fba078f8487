"""Figures over many emergencies and the record of one, for the API, the reports and the pages.

Pure; it queries nothing.
"""
