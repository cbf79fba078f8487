"""Who is on call: roster, rotations, schedule, calendars, contacts, coverage.

Pure; it knows no emergency.
"""
