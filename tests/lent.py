"""Databases whose engines one test lends to the next.

SQLAlchemy compiles each statement once per engine, which is a third of what a story costs. An engine that a test is done
with connects to the next test's database; no connection lives longer than its test.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Dialect, make_url

from callbacks.store.sql.database import Database


class LentDatabase(Database):
    """Opened with the engines of one that was given back, if there is any. Unusable once it is given back itself."""

    _idle: dict[bool, list[dict[str, Any]]] = {True: [], False: []}

    def __init__(self, url: str) -> None:
        idle = self._idle[url.startswith("sqlite")]
        if idle:
            vars(self).update(idle.pop())
        else:
            super().__init__(url)
            self._place = {"url": url}
            for engine in {self._writer, self._reader}:
                event.listen(engine, "do_connect", _leading_to(self._place))
        self.url = self._place["url"] = url

    def give_back(self) -> None:
        """Closes all connections. What still runs behind the test fails instead of reaching another test's rows."""
        self.close()
        if self.journal_mode != "WAL":  # chosen by one test for itself
            self._idle[self.is_sqlite].append(dict(vars(self)))
        vars(self).clear()


def _leading_to(place: dict[str, str]) -> Callable[..., None]:
    """A listener that connects an engine to the database that `place` names by then."""

    def lead(_: Dialect, __: Any, arguments: list[Any], named: dict[str, Any]) -> None:
        database = make_url(place["url"]).database
        if "dbname" in named:
            named["dbname"] = database
        else:
            arguments[0] = database

    return lead
