"""The board of open emergencies and the onboarding checklist.

Commands to one emergency stand in `emergency/`.
"""
