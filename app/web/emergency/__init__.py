"""One emergency: its page, its commands, its story, and the technician's page behind a magic link.

Lists stand elsewhere.
"""
