"""The carrier's languages: its REST calls, its TwiML, its words for what happened."""
