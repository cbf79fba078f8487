"""Facts turned into texts, speech and webhook events, in English and French, and replies read back.

Pure; nothing is sent here.
"""
