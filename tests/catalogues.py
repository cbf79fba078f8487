"""The catalogues as translators see them."""

from functools import cache

from app.web.base.language import FRENCH
from callbacks.messages import catalog


@cache
def french_pages() -> dict[str, tuple[str, ...]]:
    """Each English phrase of our pages with its French, or with its French singular and plural."""
    found: dict[str, tuple[str, ...]] = {}
    for message in catalog.read(FRENCH):
        if message.id:
            english = message.id if isinstance(message.id, str) else message.id[0]
            found[english] = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return found
