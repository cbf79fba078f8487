"""Lists in the carrier's envelope: newest first, in pages, with the address of the next one."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import Request

from sandbox.rest.errors import invalid

T = TypeVar("T")
MOST = 1000


def page(request: Request, name: str, found: Sequence[T], show: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """One page of `found`, already in order."""
    query = dict(request.query_params)
    size, number = _whole(query.get("PageSize", "50"), 1, MOST), _whole(query.get("Page", "0"), 0, 10**6)
    start = size * number
    items = [show(x) for x in found[start : start + size]]
    more = len(found) > start + size

    def address(n: int) -> str:
        rest = {k: v for k, v in query.items() if k not in ("Page", "PageToken", "PageSize")}
        return f"{request.url.path}?{urlencode({**rest, 'PageSize': size, 'Page': n, 'PageToken': f'PA{n}'})}"

    return {
        name: items,
        "page": number,
        "page_size": size,
        "start": start,
        "end": max(start + len(items) - 1, start),
        "uri": address(number),
        "first_page_uri": address(0),
        "previous_page_uri": address(number - 1) if number else None,
        "next_page_uri": address(number + 1) if more else None,
    }


def within(request: Request, name: str, at: datetime | None) -> bool:
    """Whether a time passes the filters `name`, `name<` and `name>`. By whole UTC days, as documented."""
    for suffix in ("", "<", ">"):
        given = request.query_params.get(name + suffix)
        if given is None:
            continue
        day = _day(given)
        if at is None:
            return False
        fits = {"": day <= at < day + timedelta(days=1), "<": at < day + timedelta(days=1), ">": at >= day}
        if not fits[suffix]:
            return False
    return True


def _day(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(20001, f"{text!r} is no date") from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _whole(text: str, least: int, most: int) -> int:
    if not text.isdigit() or not least <= int(text) <= most:
        raise invalid(20001, f"{text!r} is not a number from {least} to {most}")
    return int(text)
