"""导入方案, below /staff/."""

from django.urls import path

from uploads.pages import profiles

urlpatterns = [
    path("profiles/", profiles.profiles, name="staff-profiles"),
    path("profiles/new/", profiles.new, name="staff-profile-new"),
    path("profiles/trials/<int:trial_id>/", profiles.trial, name="staff-profile-trial"),
    path("profiles/<slug:name>/<int:version>/", profiles.profile, name="staff-profile"),
    path("profiles/<slug:name>/<int:version>/retire/", profiles.retire, name="staff-profile-retire"),
]
