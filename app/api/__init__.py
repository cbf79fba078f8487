"""The JSON API: bearer tokens, models that make the answers, problem documents.

Pages are not drawn here.
"""
