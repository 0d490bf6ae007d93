"""By which indexes the register is searched: for both numbers of a lookup at once, and for everything of one holder.

certificate_by_pair has two integers of each certificate. The first is the year, as the first two characters of the number
tell it, and the beginning of the ID number's index; the second is a hash of both numbers. A half-month's rows so fall into
the pages of their year, however many millions the register has. Nothing else of the certificate number is in it: where
numbers lie close together, time would tell so. An ID number's index is a keyed hash and evenly spread, whoever is in the
register, so its beginning tells nothing by time.

A holder's certificates of recent years are found by the first integer, one look for each year; those of all earlier
years by certificate_by_earlier_id, one look for all.
"""

from hashlib import md5

# A migration moves them on, at the latest when 2032 begins; whatever is of other years costs more time to publish, no more.
_RECENT_YEARS = ("26", "27", "28", "29", "30", "31")
_IS_EARLIER = f"left(certificate_number, 2) <> ALL ('{{{','.join(_RECENT_YEARS)}}}')"


def beginning(index: str) -> str:
    """Of an ID number's index, an SQL expression, what YEAR_AND_HOLDER has of it."""
    return f"('x' || left(encode({index}, 'hex'), 6))::bit(24)::int"


# As certificate_by_pair has them; the migration that made it has the same in its own words, and a test holds them together.
# md5 finds only, both numbers are compared afterwards. PostgreSQL's own hashes may change with its version.
YEAR_AND_HOLDER = (
    "(((ascii(certificate.certificate_number) & 15) << 28) | ((ascii(substr(certificate.certificate_number, 2, 1)) & 15) << 24) "
    f"| {beginning('certificate.id_index')})"
)
BOTH_NUMBERS = (
    "(('x' || left(md5(certificate.certificate_number || encode(certificate.id_index, 'hex')), 8))::bit(32)::int)"
)


def place_of(certificate_number: str, id_index: bytes) -> tuple[int, int]:
    """The two integers by which both numbers are searched for: YEAR_AND_HOLDER and BOTH_NUMBERS; never kept."""
    first, second = (ord(character) & 15 for character in certificate_number[:2].ljust(2, "\0"))
    year_and_holder = bytes([first << 4 | second]) + id_index[:3].ljust(3, b"\0")
    both = md5(f"{certificate_number}{id_index.hex()}".encode(), usedforsecurity=False).digest()[:4]
    return int.from_bytes(year_and_holder, signed=True), int.from_bytes(both, signed=True)


def of_holder(columns: str, index: str, begins: str = "") -> str:
    """A query for these columns of everything with an ID number's index, an SQL expression.

    begins is its beginning(), where a query for very many rows computes that once for each.
    """
    wheres = [f"id_index = {index} AND {_IS_EARLIER}"]
    for year in _RECENT_YEARS:
        # A year that no number begins with, as those to come, is found out once per query and then costs nothing.
        last = f"SELECT max(certificate_number) FROM certificate WHERE certificate_number < '{int(year) + 1}'"  # noqa: S608 - own text
        wheres.append(
            f"{YEAR_AND_HOLDER} = ({begins or beginning(index)} | {int(year, 16) << 24}) AND id_index = {index} "
            f"AND left(certificate_number, 2) = '{year}' AND ({last}) >= '{year}'"
        )
    return " UNION ALL ".join(f"SELECT {columns} FROM certificate WHERE {where}" for where in wheres)  # noqa: S608 - own text


# Of an ID number's index under every live key; one parameter, an array of bytea.
NUMBERS_OF_HOLDER = f"""SELECT certificate_number FROM unnest(%s::bytea[]) AS asked (id_index)
CROSS JOIN LATERAL ({of_holder("certificate_number", "asked.id_index")}) AS held"""  # noqa: S608 - own text
