"""A long list on a page: one part of it, and where the others are."""

from django.core.paginator import Page, Paginator
from django.utils.http import urlencode

from uploads.pages.frame import StaffRequest


def turn_pages(request: StaffRequest, listed: object, per_page: int) -> dict[str, object]:
    """What _pagination.html takes: the page asked for, and the other parameters."""
    paginator = Paginator(listed, per_page)
    page: Page = paginator.get_page(request.GET.get("page"))
    others = [(name, value) for name, value in request.GET.items() if name != "page" and value]
    pages = list(paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
    return {"page": page, "pages": pages, "query": f"{urlencode(others)}&" if others else ""}
