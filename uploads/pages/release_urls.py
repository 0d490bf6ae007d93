"""Releases, calendar and audit, below /staff/."""

from django.urls import path

from uploads.pages import (
    audit,
    bodies,
    calendar,
    holidays,
    offices,
    release_papers,
    releases,
    reviews,
    statistics,
    verification,
    withdrawals,
)

urlpatterns = [
    path("releases/", releases.releases, name="staff-releases"),
    path("releases/new/", releases.new_release, name="staff-release-new"),
    path("releases/<int:release_id>/", releases.release, name="staff-release"),
    path("releases/<int:release_id>/summary/", release_papers.summary, name="staff-release-summary"),
    path("releases/<int:release_id>/summary.xlsx", release_papers.workbook, name="staff-release-xlsx"),
    path("releases/<int:release_id>/sign/", releases.sign, name="staff-release-sign"),
    path("releases/<int:release_id>/retry/", releases.retry, name="staff-release-retry"),
    path("releases/<int:release_id>/withdraw/", withdrawals.withdraw_from_release, name="staff-release-withdraw"),
    path("releases/<int:release_id>/return/", releases.send_back, name="staff-release-return"),
    path(
        "releases/<int:release_id>/return/<int:batch_id>/", releases.send_batch_back, name="staff-release-return-batch"
    ),
    path("reviews/", reviews.reviews, name="staff-reviews"),
    path("reviews/new/", reviews.new_review, name="staff-review-new"),
    path("reviews/<int:order_id>/", reviews.decide, name="staff-review"),
    path("statistics/", statistics.statistics, name="staff-statistics"),
    path("calendar/", calendar.calendar, name="staff-calendar"),
    path("calendar/extensions/new/", calendar.new_extension, name="staff-extension-new"),
    path("calendar/orders/new/", calendar.new_order, name="staff-order-new"),
    path("calendar/holidays/", holidays.holidays, name="staff-holidays"),
    path("calendar/holidays/new/", holidays.new_holidays, name="staff-holidays-new"),
    path("calendar/holidays/save/", holidays.save_holidays, name="staff-holidays-save"),
    path("offices/", offices.offices, name="staff-offices"),
    path("offices/<str:code>/", offices.edit, name="staff-office"),
    path("bodies/", bodies.bodies, name="staff-bodies"),
    path("bodies/new/", bodies.new, name="staff-body-new"),
    path("bodies/<int:body_id>/", bodies.edit, name="staff-body"),
    path("audit/", audit.audit, name="staff-audit"),
    path("audit/export.jsonl", audit.export, {"written_as": "jsonl"}, name="staff-audit-jsonl"),
    path("audit/export.csv", audit.export, {"written_as": "csv"}, name="staff-audit-csv"),
    path("verification/", verification.verification, name="staff-verification"),
    path("verification/ask/", verification.ask, name="staff-verification-ask"),
]
