"""通知, below /staff/."""

from django.urls import path

from uploads.pages import notices

urlpatterns = [
    path("notices/", notices.notices, name="staff-notices"),
    path("notices/new/", notices.new, name="staff-notice-new"),
    path("notices/<int:notice_id>/", notices.edit, name="staff-notice"),
]
