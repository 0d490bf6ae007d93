"""The state machine of batches and releases: one list of pairs, the same as the table `transition` in the database."""

from dataclasses import dataclass

from uploads.models.intake import BatchState as B
from uploads.models.release import ReleaseState as R


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed move; by_function: only the database's signing functions make it."""

    subject: str
    from_state: str
    to_state: str
    by_function: bool


def _moves(subject: str, pairs: list[tuple[str, str, bool]]) -> list[Move]:
    return [Move(subject, str(start), str(end), by_function) for start, end, by_function in pairs]


MOVES: tuple[Move, ...] = (
    *_moves(
        "batch",
        [
            (B.DRAFT, B.DRAFT, True),
            (B.DRAFT, B.CHECKED, False),
            (B.CHECKED, B.DRAFT, True),
            (B.RETURNED, B.DRAFT, True),
            (B.RETURNED, B.CHECKED, True),
            (B.CHECKED, B.SIGNED, True),
            (B.CHECKED, B.SUBMITTED, True),
            (B.SIGNED, B.SUBMITTED, True),
            (B.SIGNED, B.CHECKED, True),
            (B.SUBMITTED, B.CHECKED, True),
            (B.SUBMITTED, B.IN_RELEASE, False),
            (B.IN_RELEASE, B.SUBMITTED, True),
            (B.IN_RELEASE, B.PUBLISHED, True),
            *((state, B.RETURNED, True) for state in (B.CHECKED, B.SIGNED, B.SUBMITTED, B.IN_RELEASE)),
        ],
    ),
    *_moves(
        "release",
        [
            (R.ASSEMBLED, R.OPERATOR_SIGNED, True),
            (R.OPERATOR_SIGNED, R.HEAD_SIGNED, True),
            (R.HEAD_SIGNED, R.APPROVED, True),
            (R.APPROVED, R.PUBLISHING, True),
            (R.PUBLISHING, R.PUBLISHED, True),
            (R.PUBLISHED, R.BACKED_UP, False),
            *(
                (state, end, True)
                for end in (R.ASSEMBLED, R.RETURNED)
                for state in (
                    R.ASSEMBLED,
                    R.OPERATOR_SIGNED,
                    R.HEAD_SIGNED,
                    R.APPROVED,
                    R.PUBLISHING,
                )
            ),
        ],
    ),
)
