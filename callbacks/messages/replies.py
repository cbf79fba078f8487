"""What a technician's text means and which emergency it is about. Forgiving in form, strict in meaning: never a guess.

- Case, spaces, punctuation, quotes, full-width, keycap and circled forms are all read as plain characters.
- The code stands before or after the command, with or without a space. In a note only a code in use is one.
- The table is closed: any other word, and any word after a command other than 6, done or note, is unclear.
- Opt-out words alone in a text are the carrier's, never commands.
- What a phone adds by itself (a quoted message, a signature, a reaction) is left out; an automatic reply is no reply.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from callbacks.emergency import commands
from callbacks.emergency.inputs import Command, Meaning
from callbacks.policy.model import Priority

# What somebody wrote themselves in a text: without the quoted message, the signature or the reaction that their phone
# adds. What is left out never acts: a code in a quoted page proves nothing.

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
AUTOMATIC_TEXT = re.compile(
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
    return AUTOMATIC_TEXT.match(unicodedata.normalize("NFC", text)) is not None


OPT_OUT = frozenset(["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "ARRET"])
OPT_IN = frozenset(["START", "YES", "UNSTOP"])
CARRIER_HELP = frozenset(["HELP", "INFO"])
# The carrier's own reading of a text, which knows keywords that we do not.
OPT_OUT_TYPES = {"STOP": Meaning.OPT_OUT, "START": Meaning.OPT_IN, "HELP": Meaning.CARRIER_HELP}

RULES = {str(command): rule for command, rule in commands.COMMANDS.items()}
# Each reply word, without blanks, and the command that it gives.
COMMANDS = {word.replace(" ", ""): command for command, rule in RULES.items() for word in rule.replies}
IN_PARTS = [word.split() for rule in RULES.values() for word in rule.replies if " " in word]
GLUED = frozenset({*COMMANDS, *(part for words in IN_PARTS for part in words)})
CODE = re.compile(r"(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{2,4}")
LETTERS = "ACDEFGHJKMNQRTUVWXY"
DIGITS = "23456789"
# A letter first: behind a command's digit a code that begins with one would read two ways.
SHORT_SHAPES = ("LDD", "LLD", "LDL")
LONG_SHAPES = ("LDDD", "LLDD", "LDLD", "LDDL", "LLLD", "LLDL", "LDLL")
MANY_CODES = 50
MOST_LIKE_CODES = 3  # in a note: with more of them, a text that holds the right one tried them out
LONGEST = 1600


@dataclass(frozen=True, slots=True)
class Reply:
    """`code` is upper case, None when none was given; `words` the note, as it was written."""

    command: str
    code: str | None = None
    words: str = ""
    priority: Priority | None = None

    @property
    def rule(self) -> commands.Rule | None:
        return RULES.get(self.command)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the text: `plain` is upper case without accents or marks, `end` where it ends."""

    plain: str
    start: int
    end: int


UNCLEAR = Reply("unclear")
AUTOMATIC = Reply("automatic")
YES = frozenset({"1", "YES", "OUI", "Y", "O"})
NO = frozenset({"2", "NO", "NON", "N"})
WITHDRAW = frozenset({"WITHDRAW", "RETIRER", "RETIRE", "ANNULER"})
CONFIRMS = re.compile(r"([A-Z]+)(\d{3})")


@dataclass(frozen=True, slots=True)
class CustomerReply:
    """`words` as they were written; `digits`: the number that confirms a withdrawal."""

    meaning: Meaning
    words: str
    digits: str = ""


def read_customer(text: str) -> CustomerReply:
    """What a customer's text means. Anything that is not plainly an answer is a note."""
    clean = _clean(text[:LONGEST])
    plain = [token.plain for token in _tokens(clean)]
    words = " ".join(clean.split())
    whole = "".join(plain)
    if (of_carrier := _of_the_carrier(plain)) and whole not in YES:
        return CustomerReply(of_carrier, words)
    plain = [token.plain for token in _tokens(_clean(own_words(text[:LONGEST])))]
    whole = "".join(plain)
    for known, meaning in ((YES, Meaning.YES), (NO, Meaning.NO)):
        if len(plain) == 1 and whole in known:
            return CustomerReply(meaning, words)
    if len(plain) == 1 and whole in WITHDRAW:
        return CustomerReply(Meaning.WITHDRAW, words)
    confirmed = CONFIRMS.fullmatch(whole) if len(plain) <= 2 else None
    if confirmed and confirmed[1] in WITHDRAW:
        return CustomerReply(Meaning.CONFIRM_WITHDRAWAL, words, confirmed[2])
    return CustomerReply(Meaning.NOTE, words)


def read_reply(text: str, codes: Collection[str], in_use: Collection[str] = ()) -> Reply:
    """The meaning of a text; `codes` are those the sender was paged with, `in_use` everybody's of the last days."""
    clean = _clean(text[:LONGEST])
    tokens = _tokens(clean)
    if not tokens:
        return UNCLEAR
    if of_carrier := _of_the_carrier([token.plain for token in tokens]):
        return Reply(of_carrier)
    if is_automatic(text):
        return AUTOMATIC
    clean = _clean(own_words(text[:LONGEST]))
    tokens = _tokens(clean)
    if not tokens:
        return UNCLEAR
    return _read(clean, tokens, {c.upper() for c in codes}, {c.upper() for c in (*codes, *in_use)})


def _of_the_carrier(plain: Sequence[str]) -> Meaning | None:
    """A keyword of the carrier's, alone in its text."""
    whole = "".join(plain)
    if len(plain) != 1 and whole not in ("OPTOUT", "STOPALL", "UNSTOP"):
        return None
    keywords = {Meaning.OPT_OUT: OPT_OUT, Meaning.OPT_IN: OPT_IN, Meaning.CARRIER_HELP: CARRIER_HELP}
    return next((meaning for meaning, words in keywords.items() if whole in words), None)


def is_code(text: str) -> bool:
    """Shaped like a page's code: 2 to 4 characters, a letter and a digit at least, never P1 to P3."""
    return CODE.fullmatch(text) is not None and text not in tuple(Priority)


def is_like_a_code(text: str) -> bool:
    """Whether a word of the text could be somebody's code, alone or glued to a command. Every form in which a known
    code counts is one, so that no code is tried out in a form that nobody counts."""
    return any(_is_like(token.plain) for token in _tokens(_clean(own_words(text[:LONGEST]))))


def _is_like(word: str) -> bool:
    if is_code(word):
        return True
    parts = ((word[:i], word[i:]) for i in range(1, len(word)))
    return any((a in GLUED and is_code(b)) or (is_code(a) and b in GLUED) for a, b in parts)


def new_code(taken: Collection[str], choose: Callable[[int], int]) -> str:
    """A code nobody holds, drawn at random: 3 characters, or 4 when many are in use, so that a guess stays as unlikely.
    `choose(n)` is below n. None begins or ends as another does: K74 and K745 could be taken for each other with a
    command glued on. Should all be taken, one is given twice: a reply that needs asking about is better than a call
    for help that opens nothing."""
    code, taken = "", {other for other in taken if other}
    for shapes in (SHORT_SHAPES, LONG_SHAPES)[len(taken) >= MANY_CODES :]:
        for _ in range(60):
            shape = shapes[choose(len(shapes))]
            code = "".join(_pick(LETTERS if kind == "L" else DIGITS, choose) for kind in shape)
            if code not in taken and not any(_overlap(code, other) for other in taken):
                return code
    return code


def _overlap(code: str, other: str) -> bool:
    short, long = sorted((code, other), key=len)
    return long.startswith(short) or long.endswith(short)


def _pick(letters: str, choose: Callable[[int], int]) -> str:
    return letters[choose(len(letters))]


# --- from raw text to words ---


def _clean(text: str) -> str:
    """Compatibility forms made plain; control, format and combining marks of emoji dropped."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if c in "\n\t " or unicodedata.category(c) not in ("Cc", "Cf", "Me", "Cs", "Co"))


def _tokens(clean: str) -> list[Token]:
    found, start = [], None
    for i, c in enumerate(clean + " "):
        if c.isalnum() or unicodedata.category(c) == "Mn":
            start = i if start is None else start
        elif start is not None:
            found.append(Token(_fold(clean[start:i]), start, i))
            start = None
    return found


def _fold(word: str) -> str:
    bare = unicodedata.normalize("NFKD", word)
    return "".join(str(unicodedata.digit(c, c)) for c in bare if unicodedata.category(c) != "Mn").upper()


# --- from words to meaning ---


def _read(clean: str, tokens: list[Token], codes: set[str], in_use: set[str]) -> Reply:
    code, rest = _leading_code(tokens, codes)
    if not rest:
        return Reply("unclear", code)
    command, after, glued = _command(rest, codes)
    if command is None or (glued and code and glued != code):
        return Reply("unclear", code)
    code = code or glued
    name = COMMANDS[command]
    if RULES[name].takes_words:
        code, words = _note(clean, rest, after, code, codes, in_use)
        return Reply(name, code, words)
    if code is None and len(after) == 1 and (after[0].plain in codes or is_code(after[0].plain)):
        code, after = after[0].plain, []
    if after and not (len(after) == 1 and after[0].plain == code):
        return Reply("unclear", code)
    return Reply(name, code, priority=Priority(command) if name == Command.PRIORITY else None)


def _leading_code(tokens: list[Token], codes: set[str]) -> tuple[str | None, list[Token]]:
    """A code in front, alone or glued to the command (k7ack, K71)."""
    first = tokens[0]
    if first.plain in codes:
        return first.plain, tokens[1:]
    for code in sorted(codes, key=len, reverse=True):
        tail = first.plain.removeprefix(code)
        if tail != first.plain and tail in {*COMMANDS, *(words[0] for words in IN_PARTS)}:
            return code, [Token(tail, first.start + len(code), first.end), *tokens[1:]]
    if is_code(first.plain) and len(tokens) > 1 and _split(first.plain, codes) is None:
        return first.plain, tokens[1:]
    return None, tokens


def _command(tokens: list[Token], codes: set[str]) -> tuple[str | None, list[Token], str | None]:
    """(the command's word, the tokens behind it, a code glued to it)."""
    first = tokens[0].plain
    for begin, end in IN_PARTS:
        second = tokens[1].plain if first == begin and len(tokens) > 1 else ""
        code = second.removeprefix(end)
        if second.startswith(end) and code in ("", *codes):
            return begin + end, tokens[2:], code or None
    if first in COMMANDS:
        return first, tokens[1:], None
    split = _split(first, codes)
    return (split[0], tokens[1:], split[1]) if split else (None, tokens, None)


def _split(word: str, codes: set[str]) -> tuple[str, str] | None:
    """A command glued to a code: 1K7, ackk7, and K71 or k7ack where the code is known. Known codes win;
    an unknown one is read only behind a command, so that it can be refused by name."""
    known = [(word[: -len(c)], c) for c in codes if word.endswith(c)]
    known += [(word[len(c) :], c) for c in codes if word.startswith(c)]
    fits = {(command, code) for command, code in known if command in COMMANDS}
    if fits:
        return fits.pop() if len(fits) == 1 else None
    guesses = [(word[:i], word[i:]) for i in range(1, len(word)) if word[:i] in COMMANDS and is_code(word[i:])]
    return guesses[-1] if guesses else None


def _note(
    clean: str, tokens: list[Token], after: list[Token], code: str | None, codes: set[str], in_use: set[str]
) -> tuple[str | None, str]:
    """The rest as it was written, without the code: the sender's own, or anybody's in front or marked with #. A word
    that is nobody's code stays, however much it looks like one. Among many words like codes only one in front counts:
    one text is no list of guesses."""
    if not after:
        return code, ""
    is_list = len([token for token in after if is_code(token.plain)]) > MOST_LIKE_CODES
    start = tokens[len(tokens) - len(after) - 1].end
    for token in after:
        is_first, is_marked = token is after[0], token.start > 0 and clean[token.start - 1] == "#"
        if is_list and not is_first:
            break
        is_own = code is None and token.plain in codes
        is_anybodys = code is None and (is_first or is_marked) and token.plain in in_use
        if is_own or is_anybodys or (is_first and token.plain == code):
            cut = token.start - (1 if is_marked else 0)
            return token.plain, _tidy((clean[start:cut] + clean[token.end :]).replace("()", ""))
    return code, _tidy(clean[start:])


def _tidy(words: str) -> str:
    return " ".join(words.strip(" \t\n:;,.-").split())


# Which emergency a technician's text is about. Never a guess: when it could be several, it asks.
#
# - A code names one. Without a code `1` and `2` answer a page: they are about the only emergency that the sender was
# paged for and that still waits for somebody; every other command is about the only one that is open for the sender.
# - Where that is not exactly one, the answer is the list with the codes.

CODE_LIVES = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An emergency the sender was contacted about in the last days. `is_paged`: by a page; `lately`: resolved a few
    hours ago."""

    id: int
    code: str
    owner: str | None
    is_open: bool
    is_resolved: bool
    is_paged: bool
    due_at: datetime
    opened_at: datetime
    lately: bool = False

    @property
    def waits(self) -> bool:
        """Nobody has it, and it is not merely owed a callback."""
        return self.is_open and self.owner is None and not self.is_resolved


@dataclass(frozen=True, slots=True)
class Route:
    """Either `to` one emergency, or an `ask` (slug) with the emergencies to list."""

    to: int | None = None
    ask: str | None = None
    listed: tuple[int, ...] = ()


def route_reply(reply: Reply, sender: str, candidates: Sequence[Candidate]) -> Route:
    """Where a reply goes. `candidates` may hold closed ones: a code still finds those."""
    pool = open_pages(sender, candidates)
    listed = tuple(c.id for c in pool)
    rule = reply.rule
    if rule is None or rule.act is None:
        return Route(ask=reply.command, listed=listed)
    if reply.code is not None:
        named = [c for c in candidates if c.code == reply.code]
        return Route(to=named[0].id) if named else Route(ask="unknown-code", listed=listed)
    if not pool:
        return _afterwards(rule, sender, candidates)
    meant = [c for c in pool if c.waits and c.is_paged] if rule.to_waiting else pool
    if len(meant) == 1:
        return Route(to=meant[0].id)
    return Route(ask="which" if meant else "none-waits", listed=tuple(c.id for c in meant) or listed)


def _afterwards(rule: commands.Rule, sender: str, candidates: Sequence[Candidate]) -> Route:
    """A note may follow what was just resolved, as long as only one can be meant."""
    just_closed = [c.id for c in candidates if c.lately and c.owner == sender]
    if rule.takes_words and len(just_closed) == 1:
        return Route(to=just_closed[0])
    return Route(ask="no-open")


def open_pages(sender: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The sender's open ones, earliest deadline first: theirs or nobody's; else those of others."""
    still_open = sorted((c for c in candidates if c.is_open), key=lambda c: c.due_at)
    return [c for c in still_open if c.owner in (None, sender)] or still_open
