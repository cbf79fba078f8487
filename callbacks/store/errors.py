"""What any store raises."""


class Conflict(Exception):
    """Another writer was first; the same step may be tried again on what is there now."""


class DatabaseError(Exception):
    """The database refused a statement; the cause says why."""


class DatabaseUnavailable(DatabaseError):
    """It does not answer, or can do nothing: gone, locked, full, or without tables."""
