"""Small tools without any rule of ours: phone numbers, the GSM alphabet, wall clocks, TOML, intervals.

Pure: they import nothing of ours.
"""
