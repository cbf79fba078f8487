"""The shell that keeps the promise: takes in, watches the clock, sends, fetches, reconciles."""
