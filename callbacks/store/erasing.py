"""Rows that grow old: what is emptied of its words, and what was for one use and whose use is over."""

from datetime import timedelta
from enum import StrEnum

SOON_OVER = timedelta(days=30)  # somebody may still ask who had logged in, and which link opened what


class Old(StrEnum):
    """`REPORTS`, `MESSAGES`, `CALLS` lose their words; of the others whole rows go. `LEARNT`: entries of the address
    book that nobody wrote, of numbers that no emergency knows any more. `EXAMINATIONS`: all but the newest."""

    REPORTS = "reports"
    MESSAGES = "messages"
    CALLS = "calls"
    LEARNT = "learnt"
    SESSIONS = "sessions"
    STRIKES = "strikes"
    LINKS = "links"
    RATES = "rates"
    EXAMINATIONS = "examinations"
    ANSWERS = "answers"


WITH_WORDS = (Old.REPORTS, Old.MESSAGES, Old.CALLS, Old.LEARNT)
SOON = (Old.SESSIONS, Old.STRIKES, Old.LINKS, Old.RATES, Old.EXAMINATIONS)
AT_ONCE = (Old.ANSWERS,)
