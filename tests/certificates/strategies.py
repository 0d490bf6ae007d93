"""Synthetic numbers for property tests: 3799 is the address code of no place."""

from datetime import date

from hypothesis import strategies as st

from certificates.idnumber import check_character

birth_dates = st.dates(min_value=date(1900, 1, 1), max_value=date(2020, 12, 31))
SPACES_AND_DASHES = " \t\u3000\u00a0-\u2010\u2013\u2014\u2212\uff0d\u200b\u200d\ufeff\u00ad"


@st.composite
def resident_ids(draw: st.DrawFn, born: st.SearchStrategy[date] = birth_dates) -> str:
    """Draw a resident ID number of 18 characters with a right check character."""
    area = draw(st.integers(379900, 379999))
    serial = draw(st.integers(0, 999))
    first17 = f"{area}{draw(born):%Y%m%d}{serial:03}"
    return first17 + check_character(first17)


@st.composite
def old_resident_ids(draw: st.DrawFn) -> tuple[str, str]:
    """Draw a resident ID number of the 20th century in both forms: 15 digits, 18 characters."""
    number = draw(resident_ids(born=st.dates(date(1900, 1, 1), date(1999, 12, 31))))
    return number[:6] + number[8:17], number


@st.composite
def certificate_numbers(draw: st.DrawFn) -> str:
    """Draw a national 16-digit certificate number of Shandong."""
    year, body = draw(st.integers(0, 99)), draw(st.integers(0, 999_999))
    level, serial = draw(st.integers(1, 5)), draw(st.integers(1, 99_999))
    return f"{year:02}15{body:06}{level}{serial:05}"


@st.composite
def untidily_typed(draw: st.DrawFn, numbers: st.SearchStrategy[str]) -> tuple[str, str]:
    """Draw a number as it should be and as somebody typed it: full-width, spaced, in lower case, with a × for X."""
    number = draw(numbers)
    typed = []
    for character in number:
        typed.append(draw(st.text(SPACES_AND_DASHES, max_size=1)))
        spellings = [character, character.lower(), chr(ord(character) + 0xFEE0)]
        if character == "X":
            spellings += ["×", "Ⅹ", "ⅹ", "ｘ"]
        typed.append(draw(st.sampled_from(spellings)))
    return number, "".join(typed) + draw(st.text(SPACES_AND_DASHES, max_size=2))
