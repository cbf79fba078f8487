"""Notifications besides the carrier: CALLBACKS_NOTIFY_URLS as Apprise addresses, and the heartbeat's address."""

from collections.abc import Callable

from callbacks.telephony.gateway import CarrierError

TITLE = "Callbacks"
MAIL = ("mailto://", "mailtos://")
PING_SECONDS = 10.0


def split(urls: str) -> list[str]:
    """The addresses of the setting: separated by blanks or commas."""
    return [url for url in urls.replace(",", " ").split() if url]


def faults(urls: str) -> list[str]:
    """The kinds of address that Apprise does not know; only the kind is named, addresses hold secrets."""
    if not split(urls):
        return []
    import apprise  # a quarter of a second, and most commands tell nobody

    return [url.split("://")[0] for url in split(urls) if not apprise.Apprise().add(url)]


def notifier(urls: str) -> Callable[[str], None] | None:
    """Tells every channel; None when there is none. Raises CarrierError when a channel did not take it. The words are
    text: without saying so a mail is HTML, and callers' words would be its markup."""
    if not split(urls):
        return None
    import apprise

    channels = apprise.Apprise()
    for url in split(urls):
        channel = apprise.Apprise.instantiate(url)
        if channel is None:
            continue  # the settings named it at the start
        if url.startswith(MAIL):
            channel.notify_format = apprise.NotifyFormat.TEXT
        channels.add(channel)

    def tell(words: str) -> None:
        if not channels.notify(body=words, title=TITLE, body_format=apprise.NotifyFormat.TEXT):
            raise CarrierError("a notify URL did not take the alarm")

    return tell


def pinger(url: str) -> Callable[[], None] | None:
    """Asks the heartbeat's address once; None when there is none. Raises httpx.HTTPError."""
    if not url:
        return None
    import httpx  # settings are read by commands that reach nobody

    from callbacks.telephony.transport import trusted

    def ping() -> None:
        with httpx.Client(timeout=PING_SECONDS, verify=trusted()) as client:
            client.get(url).raise_for_status()

    return ping
