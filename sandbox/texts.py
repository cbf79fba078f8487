"""Texts: accepted, sent, delivered or not, with the states in the carrier's order; opt-out included."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sandbox.forms import API_VERSION, GEOGRAPHY
from sandbox.records import Media, Message
from sandbox.sender import Answer
from sandbox.sids import new_sid
from sandbox.twiml import read
from sandbox.wire import Wire

SENT = 0.05
DELIVERED = 0.15
POSTED = 0.02
MOST_DOCUMENTS = 50
VALID_SECONDS = 36000.0
EXPIRED = 30036
STOPS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
STARTS = frozenset({"START", "YES", "UNSTOP"})
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE = frozenset("^{}\\[]~|€")


class TextDesk:
    """Every text of the account, by SID, in order of creation."""

    def __init__(self, network: Wire) -> None:
        self.network = network
        self.all: dict[str, Message] = {}
        self.stopped: set[str] = set()
        self._free_at: datetime | None = None

    def send(
        self, to: str, from_number: str, body: str, status_url: str | None, valid_seconds: float = VALID_SECONDS
    ) -> Message:
        """A text that the product sends: it waits its turn, or expires waiting; then its fate is the knobs'."""
        message = self._add(from_number, to, body, "outbound-api", "queued")
        message.status_url = status_url
        self.network.meet(to)
        wait = self._turn(message)
        if wait > valid_seconds:
            self.network.later(valid_seconds, lambda: self._expire(message))
        else:
            self.network.later(SENT + wait, lambda: self._leave(message))
        return message

    def _turn(self, message: Message) -> float:
        """Seconds until the number is free for this text."""
        rate, now = self.network.config.message_rate, self.network.clock.now()
        if not rate:
            return 0.0
        begins = max(self._free_at or now, now)
        self._free_at = begins + timedelta(seconds=message.segments / rate)
        return (begins - now).total_seconds()

    def _expire(self, message: Message) -> None:
        if message.status != "canceled":
            message.error_code = EXPIRED
            self._state(message, "failed", 0)

    def receive(
        self, from_number: str, body: str, media: Sequence[tuple[str, bytes]] = (), extra: dict[str, str] | None = None
    ) -> Message:
        """Somebody texts the support number; `media` are (content type, content) of what comes with it, `extra` goes
        with the request."""
        word = body.strip().upper()
        message = self._add(
            from_number, self.network.number.number, body, "inbound", "received", kind="MM" if media else "SM"
        )
        message.media = [Media(new_sid("ME"), content_type, content) for content_type, content in media]
        message.shown = True
        if word in STOPS:
            self.stopped.add(from_number)
        elif word in STARTS:
            self.stopped.discard(from_number)
        url = self.network.number.sms_url
        if url:
            form = self._inbound_form(message) | (extra or {})
            method = self.network.number.sms_method
            self.network.later(POSTED, lambda: self._ask(message, url, method, form))
        return message

    def _add(self, from_number: str, to: str, body: str, direction: str, status: str, kind: str = "SM") -> Message:
        now = self.network.clock.now()
        message = Message(new_sid(kind), from_number, to, body, direction, now, status, segments=segments(body))
        self.all[message.sid] = message
        return message

    def _leave(self, message: Message) -> None:
        fate = self.network.knobs.text_fate(message.to_number)
        if message.status == "canceled" or fate.fate == "unanswered":
            return
        if fate.fate == "failed":
            message.error_code = fate.error_code
            return self._state(message, "failed", 0)
        message.sent_at = self.network.clock.now()
        self._state(message, "sent", 0)
        if fate.fate == "sent-only":
            message.shown = True
        elif fate.fate == "undelivered":
            message.error_code = fate.error_code
            self.network.later(DELIVERED, lambda: self._state(message, "undelivered", 0))
        else:
            self.network.later(DELIVERED, lambda: self._deliver(message))
        return None

    def _deliver(self, message: Message) -> None:
        message.shown = True
        self._state(message, "delivered", 0)

    def _state(self, message: Message, status: str, delay: float) -> None:
        message.status = status
        form = {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "AccountSid": self.network.config.account_sid,
            "From": message.from_number,
            "To": message.to_number,
            "MessageStatus": status,
            "SmsStatus": status,
            "ApiVersion": API_VERSION,
        }
        if message.error_code and status in ("failed", "undelivered"):
            form["ErrorCode"] = str(message.error_code)
        if status in ("delivered", "undelivered"):
            form["RawDlrDoneDate"] = self.network.clock.now().strftime("%y%m%d%H%M")
        self.network.report(message.status_url, form, delay, "message")

    def _inbound_form(self, message: Message) -> dict[str, str]:
        geography = {k: v for k, v in GEOGRAPHY.items() if k.startswith(("From", "To"))}
        config, media = self.network.config, dict[str, str]()
        for n, found in enumerate(message.media):
            path = f"/2010-04-01/Accounts/{config.account_sid}/Messages/{message.sid}/Media/{found.sid}"
            media |= {f"MediaUrl{n}": f"https://api.twilio.com{path}", f"MediaContentType{n}": found.content_type}
        return {
            "SmsMessageSid": message.sid,
            "NumMedia": str(len(message.media)),
            "SmsSid": message.sid,
            "SmsStatus": "received",
            "Body": message.body,
            "To": message.to_number,
            "NumSegments": str(message.segments),
            "MessageSid": message.sid,
            "AccountSid": self.network.config.account_sid,
            "From": message.from_number,
            "ApiVersion": API_VERSION,
            **media,
            **geography,
        }

    def _ask(self, message: Message, url: str, method: str, form: dict[str, str], documents: int = 1) -> None:
        """Asks the product what to say to a text; redirects lead to a limited number of documents."""
        if documents > MOST_DOCUMENTS:
            return self.network.error(14106, "more than 50 documents for one text", url)

        def then(answer: Answer) -> None:
            if answer.error:
                return self._unanswered(message, url, form, answer)
            return self._obey(message, url, form, answer.body, documents)

        return self.network.ask(url, form, then, method)

    def _unanswered(self, message: Message, url: str, form: dict[str, str], answer: Answer) -> None:
        """The fallback is asked once; without one the text exists in REST only."""
        self.network.error(answer.error or 0, f"an inbound text was answered {answer.status or 'not at all'}", url)
        number = self.network.number
        if number.sms_fallback_url and "ErrorCode" not in form:
            more = {"ErrorCode": str(answer.error), "ErrorUrl": url.partition("#")[0]}
            self._ask(message, number.sms_fallback_url, number.sms_fallback_method, form | more)

    def _obey(self, message: Message, url: str, form: dict[str, str], document: str, documents: int) -> None:
        reading = read(document, "MessagingResponse")
        for code, problem in reading.faults:
            self.network.error(code, problem, url)
        for verb in reading.verbs:
            if verb.name == "Redirect":
                return self._ask(message, verb.text, verb.method, form, documents + 1)
            body = verb.text or next((c.text for c in verb.children if c.name == "Body"), "")
            reply = self.send(message.from_number, message.to_number, body, verb.get("statusCallback") or None)
            reply.direction = "outbound-reply"
        return None


def segments(body: str) -> int:
    """Billed parts of a text: GSM-7 160/153, else 70/67 UTF-16 units."""
    if all(c in BASIC or c in DOUBLE for c in body):
        size = sum(2 if c in DOUBLE else 1 for c in body)
        return 1 if size <= 160 else -(-size // 153)
    size = len(body.encode("utf-16-be")) // 2
    return 1 if size <= 70 else -(-size // 67)
