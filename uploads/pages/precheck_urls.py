"""预检, below /staff/."""

from django.urls import path

from uploads.pages import prechecks

urlpatterns = [
    path("prechecks/", prechecks.prechecks, name="staff-prechecks"),
    path("prechecks/<int:precheck_id>/", prechecks.precheck, name="staff-precheck"),
    path("prechecks/<int:precheck_id>/sheet/", prechecks.sheet, name="staff-precheck-sheet"),
    path("prechecks/<int:precheck_id>/report/", prechecks.report, name="staff-precheck-report"),
]
