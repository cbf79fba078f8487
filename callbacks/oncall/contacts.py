"""The customers' address book as a CSV file: read with every fault named, written back, compared, searched.

- A column that the file does not have says nothing (None): what is known stays. An empty cell empties the field.
- A file never takes anybody out: what we learnt of a caller, and a block, hang on the entry.
- A written cell that a spreadsheet would run (it begins with = + - @ in any width, behind blanks or what cannot be
  seen, or with a tab or the end of a line) gets a ' in front, and reading takes one off. Numbers stand bare: a plus
  and digits alone can do nothing in a spreadsheet, and telephone systems read them; a ' before one is read all the
  same.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace

from callbacks.lib.phone import NoNumber, read_number
from callbacks.lib.sentence import Language, Sentence, sentence
from callbacks.lib.toml import Fault, FaultyFile

COLUMNS = ("number", "name", "company", "language", "notes")
LONGEST_LINE = 120
LONGEST_NOTES = 2000
LONGEST_REASON = 200
LONGEST_SIGNER = 64
LONGEST_VALUE = 60
MOST_ENTRIES = 10_000
UNSEEN_FIRST = r"[\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]*"
STARTS = rf"(?:{UNSEEN_FIRST}[=+\-@＝＋－＠﹦﹢﹣﹫]|[\x00\t\r\n])"
RISKY = re.compile(rf"'*{STARTS}")
GUARDED = re.compile(rf"'+{STARTS}")
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
WORKS_OF_A_BLOCK = (
    "From now on, callers from this number hear a polite refusal and nobody is paged. Each call is kept but not "
    "counted in reports. An emergency that is already open continues."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One caller; None where nothing was said, "" where it was said that there is nothing."""

    number: str
    name: str | None = None
    company: str | None = None
    language: str | None = None
    notes: str | None = None


class _Unusable(ValueError):
    """A single value: what is wrong with it, and what would be right."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.problem, self.fix = problem, fix


# --- single values ---


def _number(text: str) -> str:
    number = read_number(text)
    if isinstance(number, NoNumber):
        raise _Unusable(number.problem, number.fix)
    return number


def _line(text: str, most: int = LONGEST_LINE) -> str:
    return _sound(" ".join(text.split()), most)


def _language(text: str) -> str:
    language = text.strip().lower()
    if language and language not in tuple(Language):
        raise _Unusable("is not a supported language", "use en or fr, or leave it empty")
    return language


def _notes(text: str) -> str:
    return _sound(text.replace("\r\n", "\n").replace("\r", "\n").strip(), LONGEST_NOTES)


def _sound(text: str, most: int) -> str:
    if UNSEEN.search(text):
        raise _Unusable("contains a control character", "remove it")
    if len(text) > most:
        raise _Unusable(sentence("has %(n)s characters", n=len(text)), sentence("use at most %(n)s", n=most))
    return text


READERS: Mapping[str, Callable[[str], str]] = {
    "number": _number,
    "name": _line,
    "company": _line,
    "language": _language,
    "notes": _notes,
}


def entry_of(given: Mapping[str, str], line: int | None = None) -> Entry:
    """An entry of words as people write them, by column. Raises FaultyFile; `line` is where in a file they stand."""
    values, faults = {}, []
    for column, text in given.items():
        try:
            values[column] = READERS[column](text)
        except _Unusable as fault:
            faults.append(_fault(_at(line, column) if line else column, text, fault))
    if faults:
        raise FaultyFile(faults)
    return Entry(**values)


def said(key: str, text: str, most: int) -> str:
    """One line that must not be empty, such as the reason of a block. Raises FaultyFile."""
    try:
        line = _line(text, most)
        if not line:
            raise _Unusable("is missing", "give one")
    except _Unusable as fault:
        raise FaultyFile([_fault(key, text, fault)]) from None
    return line


def _at(line: int, what: str = "") -> Sentence:
    """A place in a file."""
    return sentence("line %(line)s, %(what)s", line=line, what=what) if what else sentence("line %(line)s", line=line)


def _fault(key: str, text: str, fault: _Unusable) -> Fault:
    value = repr(text)
    shown = value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…"
    return Fault(key, shown, fault.problem, fault.fix)


# --- reading ---


def decoded(data: bytes) -> str:
    """The text of a file. Raises FaultyFile when it is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        value = f"byte 0x{data[error.start]:02x}"
        raise FaultyFile([Fault(_at(line), value, "is not UTF-8", 'save the file as "CSV UTF-8"')]) from None


def read_book(text: str) -> tuple[Entry, ...]:
    """The entries of a CSV text, in its order. Raises FaultyFile with every fault found."""
    rows = _rows(text.removeprefix("\ufeff"))
    if not rows:
        right = sentence("begin with %(columns)s", columns=",".join(COLUMNS))
        raise FaultyFile([Fault(_at(1), "nothing", "has no header", right)])
    columns = _columns(*rows[0])
    found: dict[str, int] = {}
    entries: list[Entry] = []
    faults: list[Fault] = []
    for line, cells in rows[1:]:
        try:
            entries.append(_entry(line, columns, cells, found))
        except FaultyFile as faulty:
            faults += faulty.faults
    if faults:
        raise FaultyFile(faults)
    return tuple(entries)


Row = tuple[int, list[str]]


def _rows(text: str) -> list[Row]:
    """Rows that hold anything, each with the line it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[Row] = []
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((begins, [_unguarded(cell.strip()) for cell in cells]))
            begins = reader.line_num + 1
    except csv.Error:
        fix = 'close every " and write "" for a quote inside a cell'
        raise FaultyFile([Fault(_at(begins), "CSV", "cannot be read", fix)]) from None
    if len(rows) > MOST_ENTRIES + 1:
        fix = sentence("use files of at most %(n)s", n=MOST_ENTRIES)
        raise FaultyFile([Fault("file", sentence("%(n)s entries", n=len(rows) - 1), "is too long", fix)])
    return rows


def _delimiter(text: str) -> str:
    """Whichever of comma and semicolon finds more of our names in the first line."""
    head = next((line for line in text[:1000].splitlines() if line.strip()), "")
    return max(",;", key=lambda mark: sum(name.strip(' "').lower() in COLUMNS for name in head.split(mark)))


def _columns(line: int, cells: list[str]) -> list[str]:
    names = [cell.lower() for cell in _cut(cells, 0)]
    where, right = _at(line, "header"), sentence("use %(columns)s", columns=", ".join(COLUMNS))
    faults = [Fault(where, repr(n[:LONGEST_VALUE]), "is not a column", right) for n in names if n not in COLUMNS]
    twice = sorted({n for n in names if n in COLUMNS and names.count(n) > 1})
    faults += [Fault(where, repr(n), "is duplicated", "keep one of them") for n in twice]
    if "number" not in names:
        faults.append(Fault(where, "number", "is missing", "callers are identified by it"))
    if faults:
        raise FaultyFile(faults)
    return names


def _entry(line: int, columns: list[str], cells: list[str], found: dict[str, int]) -> Entry:
    cells = _cut(cells, len(columns))
    if len(cells) != len(columns):
        fix = sentence("give %(n)s, as the header has", n=len(columns))
        raise FaultyFile([Fault(_at(line), sentence("%(n)s cells", n=len(cells)), "does not fit the header", fix)])
    entry = entry_of(dict(zip(columns, cells, strict=True)), line)
    if entry.number in found:
        problem = sentence("is already on line %(n)s", n=found[entry.number])
        raise FaultyFile([Fault(_at(line, "number"), repr(entry.number), problem, "keep one line per number")])
    found[entry.number] = line
    return entry


def _cut(cells: list[str], least: int) -> list[str]:
    """Without the empty cells that spreadsheets write behind the last column."""
    filled = max((n for n, cell in enumerate(cells, 1) if cell), default=0)
    return cells[: max(filled, least)]


def _unguarded(cell: str) -> str:
    return cell[1:] if GUARDED.match(cell) else cell


# --- writing ---


def write_book(entries: Iterable[Entry]) -> str:
    """CSV that reads back as the same entries; harmless in a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([entry.number, *(harmless(getattr(entry, column) or "") for column in COLUMNS[1:])])
    return out.getvalue()


def harmless(text: str) -> str:
    """A cell that no spreadsheet runs."""
    return "'" + text if RISKY.match(text) else text


# --- putting together ---


def merged(known: Entry | None, given: Entry) -> Entry:
    """What is known after `given`: None leaves a field as it was."""
    if known is None:
        return given
    news = {f.name: value for f in fields(given) if (value := getattr(given, f.name)) is not None}
    return replace(known, **news)


def compare(book: Mapping[str, Entry], given: Iterable[Entry]) -> list[str]:
    """One line per caller that entering `given` would add or change."""
    lines = []
    for entry in given:
        known = book.get(entry.number)
        if known is None:
            words = [w for w in (entry.name, entry.company, entry.language) if w]
            lines.append(f"+ {entry.number} {', '.join(words)}".rstrip())
        elif merged(known, entry) != known:
            lines.append(f"~ {entry.number} {'; '.join(_differences(known, merged(known, entry)))}")
    return lines


def _differences(old: Entry, new: Entry) -> list[str]:
    pairs = ((column, getattr(old, column) or "", getattr(new, column) or "") for column in COLUMNS)
    return [f"{column} {before!r} becomes {after!r}" for column, before, after in pairs if before != after]


def matches(entry: Entry, wanted: str) -> bool:
    """Every word is somewhere in the entry, whatever its case and accents; digits also find a number."""
    digits = re.sub(r"[\s()+./-]", "", wanted)
    if digits.isdigit() and digits in entry.number:
        return True
    text = _folded(" ".join(getattr(entry, column) or "" for column in COLUMNS))
    return all(word in text for word in _folded(wanted).split())


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))
