"""Times as the carrier writes them."""

from datetime import datetime
from email.utils import format_datetime


def rfc2822(at: datetime | None) -> str:
    """`Tue, 31 Aug 2010 20:36:28 +0000`; "" of nothing."""
    return format_datetime(at.replace(microsecond=0)) if at else ""
