"""The support policy: its values, its file, its lint, support hours and holidays.

Pure; it knows no person.
"""
