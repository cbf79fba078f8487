"""The carrier's REST API, version 2010-04-01."""
