"""The evidence pack: one emergency as files that anybody can verify without us.

It reads; it changes nothing.
"""
