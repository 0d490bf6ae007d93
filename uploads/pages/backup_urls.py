"""Backups, the media and their custody, restores, below /staff/backups/."""

from django.urls import path

from uploads.pages import backups, media, restores

urlpatterns = [
    path("", backups.backups, name="staff-backups"),
    path("<int:release_id>/retry/", backups.retry, name="staff-backup-retry"),
    path("media/", media.media, name="staff-media"),
    path("media/new/", media.new, name="staff-medium-new"),
    path("media/<int:medium_id>/", media.medium, name="staff-medium"),
    path("media/<int:medium_id>/label/", media.label, name="staff-medium-label"),
    path("media/<int:medium_id>/place/", media.place, name="staff-medium-place"),
    path("media/<int:medium_id>/hand-over/", media.hand_over, name="staff-medium-hand-over"),
    path("media/<int:medium_id>/lost/", media.lost, name="staff-medium-lost"),
    path("media/<int:medium_id>/found/", media.found, name="staff-medium-found"),
    path("media/<int:medium_id>/retire/", media.retire, name="staff-medium-retire"),
    path("hand-overs/<int:hand_over_id>/", media.answer, name="staff-hand-over"),
    path("restores/", restores.restores, name="staff-restores"),
    path("restores/<int:request_id>/", restores.decide, name="staff-restore"),
    path("restorations/<int:restoration_id>/", restores.confirm, name="staff-restoration"),
]
