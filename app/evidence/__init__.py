"""The evidence pack: one emergency as files that can be verified without us."""
