"""补录, what each office has collected, and the revisions of a certificate, below /staff/."""

from django.urls import path

from uploads.pages import campaigns, coverage, revisions

urlpatterns = [
    path("campaigns/", campaigns.campaigns, name="staff-campaigns"),
    path("campaigns/new/", campaigns.new_campaign, name="staff-campaign-new"),
    path("campaigns/<int:campaign_id>/", campaigns.campaign, name="staff-campaign"),
    path("campaigns/<int:campaign_id>/extend/", campaigns.extend, name="staff-campaign-extend"),
    path("campaigns/<int:campaign_id>/close/", campaigns.close, name="staff-campaign-close"),
    path("coverage/", coverage.coverage, name="staff-coverage"),
    path("coverage/<str:code>/", coverage.edit, name="staff-coverage-edit"),
    path("certificates/", revisions.revisions, name="staff-revisions"),
]
