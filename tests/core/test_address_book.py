"""The address book as CSV: what is read, what is refused and how it is said, and that nothing is lost on the way."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callbacks.lib.toml import FaultyFile
from callbacks.oncall.contacts import (
    COLUMNS,
    LONGEST_NOTES,
    MOST_ENTRIES,
    Entry,
    compare,
    decoded,
    entry_of,
    matches,
    merged,
    read_book,
    said,
    write_book,
)

PRIYA = Entry("+15145550142", "Priya Shah", "Acme", "en", "modusMail, 400 seats")


@pytest.mark.parametrize(
    "text",
    [
        'number,name,company,language,notes\n+15145550142,Priya Shah,Acme,en,"modusMail, 400 seats"\n',
        "\ufeffnumber;name;company;language;notes\r\n514-555-0142;Priya Shah;Acme;EN;modusMail, 400 seats\r\n",
        '"Notes","LANGUAGE"," Company ",name,Number\n"modusMail, 400 seats",en,Acme,Priya  Shah,(514) 555 0142',
        "number;name;company;language;notes\n;;;;\n\n '+15145550142 ;Priya Shah;Acme;en;modusMail, 400 seats\n;;;;\n",
    ],
    ids=["comma", "semicolon and BOM", "other order and case", "empty lines and a guarded number"],
)
def test_what_is_read(text: str) -> None:
    assert read_book(text) == (PRIYA,)


def test_a_column_that_is_not_there_says_nothing() -> None:
    assert read_book("number,name\n5145550142,\n") == (Entry("+15145550142", name=""),)


def test_a_cell_may_have_several_lines() -> None:
    book = read_book('number,notes\n5145550142,"call the desk first\r\nthen the owner"\n5145550163,x\n')
    assert [e.notes for e in book] == ["call the desk first\nthen the owner", "x"]


@pytest.mark.parametrize(
    "text,parts",
    [
        ("", ["line 1", "no header"]),
        ("number\tname\n", [r"'number\tname'", "is not a column", "number: is missing"]),
        ("number,e-mail\n", ["line 1, header", "'e-mail'", "is not a column", "use number, name"]),
        ("number,name,Name\n", ["'name'", "is duplicated"]),
        ("name,company\n", ["number", "is missing"]),
        ("number,name\n12,Ana\n", ["line 2, number", "'12'", "is not a phone number", "+15145550142"]),
        ("number\n+266696687\n", ["line 2, number", "is not a phone number"]),
        ("number\n555-0142\n", ["line 2, number", "'555-0142'", "has no area code", "+15145550142"]),
        ("number\n514-555-0111 #23\n", ["line 2, number", "extension", "remove it"]),
        ("number\n514-555-0111~23\n", ["line 2, number", "extension", "remove it"]),
        ('number\n"514-555-0111,,23"\n', ["line 2, number", "extension", "remove it"]),
        ("number,name\n514-555-0111;23,Ana\n", ["line 2, number", "extension", "remove it"]),
        ("number\n1.51456E+10\n", ["line 2, number", "is not a phone number"]),
        ("number,language\n5145550142,german\n", ["line 2, language", "'german'", "use en or fr"]),
        ("number,name\n5145550142,a\x00b\n", ["line 2, name", r"'a\x00b'", "control character"]),
        (f"number,name\n5145550142,{'x' * 121}\n", ["line 2, name", "121 characters", "at most 120"]),
        (f"number,notes\n5145550142,{'x' * (LONGEST_NOTES + 1)}\n", ["notes", f"at most {LONGEST_NOTES}"]),
        ("number,name\n5145550142,Ana,Acme\n", ["line 2", "3 cells", "give 2"]),
        ('number,notes\n\n5145550142,"a\nb"\n+1 514 555 0142,x\n', ["line 5, number", "already on line 3"]),
        ('number,name\n5145550142,"Ana\n', ["line 2", "CSV", 'close every "']),
        ("number\n" + "x\n" * (MOST_ENTRIES + 1), ["file", "is too long"]),
    ],
)
def test_what_is_refused_names_line_column_value_and_what_would_be_right(text: str, parts: list[str]) -> None:
    with pytest.raises(FaultyFile) as caught:
        read_book(text)
    told = str(caught.value)
    for part in parts:
        assert part in told, (part, told)


def test_every_fault_is_told_at_once_and_nothing_is_read() -> None:
    with pytest.raises(FaultyFile) as caught:
        read_book("number,language\n12,xx\n5145550142,en\n13,fr\n")
    assert [fault.key for fault in caught.value.faults] == ["line 2, number", "line 2, language", "line 4, number"]


def test_a_long_value_is_cut_in_the_fault() -> None:
    with pytest.raises(FaultyFile) as caught:
        entry_of({"number": "5145550142", "name": "x" * 10_000})
    assert len(str(caught.value)) < 200


def test_bytes_that_are_no_utf8_are_named() -> None:
    assert decoded("é".encode()) == "é"
    with pytest.raises(FaultyFile, match="line 2 = byte 0xe9: is not UTF-8"):
        decoded("number,name\n5145550142,Andr\xe9\n".encode("latin-1"))


def test_a_reason_is_one_line_of_words() -> None:
    assert said("reason", " sells\n roofs ", 200) == "sells roofs"
    for text in ("", " \t ", "x" * 201, "a\x1bb"):
        with pytest.raises(FaultyFile, match="reason"):
            said("reason", text, 200)


@pytest.mark.parametrize("text", ['=HYPERLINK("x")', "+1", "-1", "@SUM(A1)", "'=1", "''@x"])
def test_no_cell_begins_as_a_formula_does(text: str) -> None:
    written = write_book([Entry("+15145550142", text, text, "", text)])
    cells = next(csv.reader(io.StringIO(written.splitlines()[1])))
    assert cells[0] == "+15145550142"
    assert {cell[0] for cell in cells[1:] if cell} == {"'"}
    assert read_book(written)[0].name == text


@pytest.mark.parametrize("text", ["'tis", "O'Brien", "'", "a=b"])
def test_other_words_are_written_as_they_are(text: str) -> None:
    assert write_book([Entry("+15145550142", text)]).splitlines()[1] == f"+15145550142,{text},,,"


def test_a_tab_or_carriage_return_in_front_is_guarded_too() -> None:
    written = write_book([Entry("+15145550142", "\tx", "\rx")])
    assert "'\tx" in written
    assert "'\rx" in written


WORDS = st.text(st.characters(codec="utf-8"), max_size=40) | st.text("'=+-@,;\"\n \té\u202e<", max_size=12)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """An entry as our own reader makes them, of any words it takes."""
    cells = {"number": f"+1514555{draw(st.integers(0, 9999)):04}", "language": draw(st.sampled_from(["", "en", "fr"]))}
    for column in ("name", "company", "notes"):
        words = draw(WORDS)
        try:
            entry_of({"number": "5145550142", column: words})
        except FaultyFile:
            words = ""
        cells[column] = words
    return entry_of(cells)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # the first draw makes a table of all of Unicode
@given(st.lists(entries(), unique_by=lambda e: e.number, max_size=6))
def test_what_is_written_reads_back_the_same(book: list[Entry]) -> None:
    assert read_book(write_book(book)) == tuple(book)
    assert write_book(book).startswith(",".join(COLUMNS))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for head in ("", "number,name\n", "number;notes\n5145550142;"):
        try:
            read_book(head + text)
        except FaultyFile as faulty:
            assert faulty.faults


def test_what_a_file_would_change() -> None:
    book = {PRIYA.number: PRIYA}
    news = (Entry(PRIYA.number, name="Priya S.", notes=""), Entry("+15145550163", "Luc", "", "fr"))
    assert merged(PRIYA, news[0]) == Entry(PRIYA.number, "Priya S.", "Acme", "en", "")
    assert compare(book, news) == [
        "~ +15145550142 name 'Priya Shah' becomes 'Priya S.'; notes 'modusMail, 400 seats' becomes ''",
        "+ +15145550163 Luc, fr",
    ]
    assert compare(book, [PRIYA, Entry(PRIYA.number)]) == []


@pytest.mark.parametrize(
    "wanted,found",
    [("", True), ("priya", True), ("SHAH acme", True), ("acmé", True), ("514-555-0142", True), ("0142", True), ("400", True),
     ("luc", False), ("acme luc", False), ("0163", False), ("%", False), ("\x00", False)],
)  # fmt: skip
def test_searching(wanted: str, found: bool) -> None:
    assert matches(PRIYA, wanted) is found


def test_the_empty_columns_that_spreadsheets_write_are_left_out() -> None:
    text = "number,name,,\n5145550142,Ana,,\n5145550143,,,\n5145550144\t,Bob\n,,,\n"
    assert [(e.number, e.name) for e in read_book(text)] == [
        ("+15145550142", "Ana"), ("+15145550143", ""), ("+15145550144", "Bob")
    ]  # fmt: skip
    with pytest.raises(FaultyFile, match="3 cells"):
        read_book("number,name,,\n5145550142,Ana,Acme,\n")
