"""Published in full (R11): per kind, rows signed = rows in the release = revisions published, and the searchable ones."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Sum

from certificates.models import Certificate, Publication
from certificates.models.register import RevisionKind
from uploads.models import BatchKind, Release

# What a row of each kind of batch becomes in the register.
PUBLISHED_AS = {
    BatchKind.REGULAR: RevisionKind.ISSUED,
    BatchKind.BACKFILL: RevisionKind.ISSUED,
    BatchKind.CORRECTION: RevisionKind.CORRECTED,
    BatchKind.REVOCATION: RevisionKind.REVOKED,
    BatchKind.REINSTATEMENT: RevisionKind.REINSTATED,
}

_RELEASED = """SELECT s.kind, count(*) FROM release_item i JOIN batch b ON b.id = i.batch_id
    JOIN staged_row s ON s.attempt_id = b.attempt_id AND NOT b.declares_no_data
    WHERE i.release_id = %(id)s AND i.left_at IS NULL GROUP BY s.kind"""


@dataclass(frozen=True, slots=True)
class KindCounts:
    """One kind of revision: as the signed files count it, as the release's rows do, as the register does."""

    label: str
    signed: int
    released: int
    published: int

    @property
    def agree(self) -> bool:
        return self.signed == self.released == self.published


@dataclass(frozen=True, slots=True)
class PublishedCounts:
    """The whole account of one publication; searchable_now only where no other publication came after it."""

    kinds: tuple[KindCounts, ...]
    total: KindCounts
    searchable_before: int
    new: int
    searchable_after: int
    searchable_now: int | None
    announced: int

    @property
    def agree(self) -> bool:
        """Whether every count is what it has to be."""
        return (
            self.total.agree
            and self.announced == self.total.published
            and all(kind.agree for kind in self.kinds)
            and self.searchable_before + self.new == self.searchable_after
            and self.searchable_now in {None, self.searchable_after}
        )


@dataclass(frozen=True, slots=True)
class ExpectedCounts:
    """What a publication of the release would do now: searchable before, new ones, changed ones."""

    before: int
    new: int
    changed: int

    @property
    def after(self) -> int:
        return self.before + self.new


def expected_counts(release: Release) -> ExpectedCounts:
    """How the register would grow if the release were published now."""
    released = _by_kind(_RELEASED, release.id)
    new = released.get(RevisionKind.ISSUED, 0)
    last = Publication.objects.order_by("-id").first()
    return ExpectedCounts(last.searchable_after if last else 0, new, sum(released.values()) - new)


def count_publication(release: Release) -> PublishedCounts | None:
    """Count anew, each from its own table; None before the publication.

    Signed: the accepted rows of the files that were signed. Released: the release's staged rows. Published: the
    revisions that carry the publication, present and earlier ones.
    """
    publication = release.publication
    if publication is None:
        return None
    signed = _by_kind(
        """SELECT b.kind, coalesce(sum(t.accepted_count), 0) FROM release_item i JOIN batch b ON b.id = i.batch_id
        LEFT JOIN attempt t ON t.id = b.attempt_id AND NOT b.declares_no_data
        WHERE i.release_id = %(id)s AND i.left_at IS NULL GROUP BY b.kind""",
        release.id,
    )
    released = _by_kind(_RELEASED, release.id)
    published = _by_kind(
        """SELECT kind, count(*) FROM (SELECT kind FROM certificate WHERE publication_id = %(id)s
            UNION ALL SELECT kind FROM revision WHERE publication_id = %(id)s) r GROUP BY kind""",
        publication.id,
    )
    signed_as: dict[str, int] = {}
    for kind, rows in signed.items():
        revision = PUBLISHED_AS[BatchKind(kind)]
        signed_as[revision] = signed_as.get(revision, 0) + rows
    kinds = tuple(
        KindCounts(str(kind.label), signed_as.get(kind, 0), released.get(kind, 0), published.get(kind, 0))
        for kind in RevisionKind
        if signed_as.get(kind) or released.get(kind) or published.get(kind)
    )
    return PublishedCounts(
        kinds=kinds,
        total=KindCounts("合计", sum(signed_as.values()), sum(released.values()), sum(published.values())),
        searchable_before=publication.searchable_before,
        new=published.get(RevisionKind.ISSUED, 0),
        searchable_after=publication.searchable_after,
        searchable_now=None if _is_superseded(publication) else Certificate.objects.count(),
        announced=_announced(publication),
    )


def _announced(publication: Publication) -> int:
    """What the bulletin tells the public, over all offices and kinds."""
    counts = ("issued_count", "backfilled_count", "corrected_count", "revoked_count", "reinstated_count")
    sums = publication.bulletin.aggregate(**{name: Sum(name) for name in counts})
    return sum(value or 0 for value in sums.values())


def _is_superseded(publication: Publication) -> bool:
    return Publication.objects.filter(id__gt=publication.id).exists()


def _by_kind(query: str, subject_id: int) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"id": subject_id})
        return {kind: int(rows) for kind, rows in cursor.fetchall()}
