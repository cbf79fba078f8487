"""The HTTP API: bearer tokens, JSON, problem documents."""
