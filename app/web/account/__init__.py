"""Logging in and one's own account.

Rights are decided in `app/auth`.
"""
