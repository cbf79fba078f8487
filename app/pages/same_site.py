"""Forms are taken from our own pages only, and only as long as such a form can be.

- A browser says where a form came from in Sec-Fetch-Site and Origin; either one naming another site refuses it.
  Programs send neither. Over plain HTTP away from this machine browsers leave Sec-Fetch-Site out.
- Our pages' Referrer-Policy is `same-origin`: under `no-referrer` browsers write `Origin: null` on our own forms.
- The demo asks for no login, so a strange Host (a name made to point at this machine) must not vouch for itself.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from starlette.datastructures import FormData

from app.deps import Here
from app.http.peers import is_loopback
from app.settings import Settings
from callbacks.lib.sentence import sentence

MOST_FORM = 64 * 1024
MOST_FIELDS = 50
OWN = ("same-origin", "none")


def same_site(request: Request, here: Here) -> None:
    """Raises 403 for a form of another site."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    vouched_for = site in OWN and origin == "null"
    is_foreign = site is not None and site not in OWN
    is_foreign |= origin is not None and not _is_ours(origin, request.headers.get("host", ""), here.settings)
    if is_foreign and not vouched_for:
        raise HTTPException(403, "This form came from another site; open the page here and send it again")


def no_other_site(request: Request, here: Here) -> None:
    """Raises 403 for a form that a browser says is another site's. For pages under `no-referrer` whose address is a
    secret: `Origin: null` on their forms says nothing, and only who has the secret can send one."""
    if request.headers.get("sec-fetch-site", "none") not in OWN:
        raise HTTPException(403, "This form came from another site; open the page here and send it again")


def own_form(most: int = MOST_FORM, check: Callable[[Request, Any], None] = same_site) -> Callable[..., Any]:
    """A dependency: the form of our own page. Raises 403, 411 without a length, 413 above `most` bytes."""

    async def read(request: Request, here: Here) -> AsyncIterator[FormData]:
        check(request, here)
        length = request.headers.get("content-length", "")
        if not length.isdecimal():
            raise HTTPException(411, "Send the form with its length")
        if int(length) > most:
            raise HTTPException(413, sentence("At most %(most)s KiB are taken here", most=most // 1024))
        async with request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=most) as form:
            yield form

    return read


def _is_ours(origin: str, host: str, settings: Settings) -> bool:
    try:
        asked, public = urlsplit(origin), urlsplit(settings.public_url)
    except ValueError:
        return False
    if (asked.scheme, asked.netloc) == (public.scheme, public.netloc):
        return True
    return asked.netloc == host and (is_loopback(asked.hostname or "") or not settings.is_demo)
