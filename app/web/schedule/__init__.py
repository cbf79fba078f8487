"""Who is on call and when: rotations, overrides, calendars.

Shifts are worked out in `callbacks/oncall`.
"""
