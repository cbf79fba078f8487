"""What somebody wrote themselves in a text: without the quoted message, the signature or the reaction that their phone
adds. What is left out never acts: a code in a quoted page proves nothing.
"""

import re
import unicodedata

DEVICE = (
    r"(?:iphone|ipad|galaxy|samsung|android|pixel|blackberry|motorola|huawei|xiaomi|smartphone|phone|mobile|"
    r"cell ?phone|téléphone|cellulaire|portable)"
)
SENT_FROM = r"(?:sent (?:from|via)|envoyé (?:de|depuis|à partir de|via))"
MAILER = r"(?:(?:the )?(?:outlook|yahoo|gmail|proton ?mail|mail)\b|l'application|l’application)[^\n]{0,40}"
BELOW = re.compile(
    "|".join(
        (
            r"^[ \t]*on\b(?=[^\n]*\d)[^\n]{4,120}(?:\n[^\n]{1,80})?\bwrote:[ \t]*$",
            r"^[ \t]*le\b(?=[^\n]*\d)[^\n]{4,120}(?:\n[^\n]{1,80})?\ba écrit\s?:[ \t]*$",
            r"^[ \t]*-{2,}[ \t]*(?:original message|forwarded message|message d['’]origine|message original|"
            r"message transféré)\b",
            r"^[ \t]*(?:--|—|_{5,})[ \t]*$",
            rf"^[ \t]*{SENT_FROM} (?:(?:my|mon|a|un) )?(?:{DEVICE}[^\n]{{0,40}}|{MAILER})$",
            r"^[ \t]*(?:get|obtenez|obtenir|téléchargez|télécharger) outlook (?:for|pour) [^\n]{1,20}$",
            # On the command's own line the device ends the text, but for its model: a note may speak of a phone.
            rf"[ \t]{SENT_FROM} (?:my|mon) {DEVICE}(?: [a-z]?\d\w*)?[ \t.]*\Z",
        )
    ),
    re.IGNORECASE | re.MULTILINE,
)
QUOTED = re.compile(r"^[ \t]*>[^\n]*(?:\n|\Z)", re.MULTILINE)
REACTION = re.compile(
    r"\s*(?:(?:liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|reacted \S+ to|"
    r"removed an? [\w ]{1,20} from|a aimé|a adoré|n['’]a pas aimé|a ri de|a souligné|a mis en évidence|"
    r"s['’]est interrogée? sur|a réagi [^\n]{1,20} à)|\W{1,16}(?:to|à))\s*[“\"«„]",
    re.IGNORECASE,
)
AUTOMATIC = re.compile(
    r"\W*(?:auto(?:matic)?[ -]?(?:reply|response)|r[ée]ponse automatique|message automatique|out of office|"
    r"absen(?:t|ce) du bureau|i[’']?m driving|je suis au volant|je conduis|i[’']?m not receiving notifications|"
    r"i[’']?m (?:currently )?away from my phone|[^\n]{0,80}\bdo not disturb while driving\b)",
    re.IGNORECASE,
)


def own_words(text: str) -> str:
    """The lines that are the sender's own; none of a reaction to a message."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    if REACTION.match(text):
        return ""
    found = BELOW.search(text)
    return QUOTED.sub("", text[: found.start()] if found else text)


def is_automatic(text: str) -> bool:
    """A phone answered by itself: its owner has read nothing, and an answer would only make it write again."""
    return AUTOMATIC.match(unicodedata.normalize("NFC", text)) is not None
