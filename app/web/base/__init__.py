"""What every page shares: frame, language, error pages, live updates.

No page of its own.
"""
