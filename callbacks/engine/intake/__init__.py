"""Every input enters here and becomes facts, outbox rows and a summary in one transaction.

Nothing is sent from here.
"""
