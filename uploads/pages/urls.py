"""The staff site, under /staff/."""

from django.urls import include, path

from uploads.pages import account, login

urlpatterns = [
    path("login/", login.login, name="staff-login"),
    path("login/restart/", login.restart_login, name="staff-login-restart"),
    path("logout/", login.logout, name="staff-logout"),
    path("account/", account.account, name="staff-account"),
    path("account/password/", account.password, name="staff-password"),
    path("account/recovery-codes/", account.recovery_codes, name="staff-recovery-codes"),
    path("account/keys/", account.security_keys, name="staff-security-keys"),
    path("account/keys/<int:key_id>/remove/", account.remove_security_key, name="staff-security-key-remove"),
    path("account/leave-everywhere/", account.leave_everywhere, name="staff-leave-everywhere"),
    path("account/freeze/", account.freeze_own, name="staff-freeze-own"),
    path("invitations/<str:token>/", account.invitation, name="staff-invitation"),
    path("", include("uploads.pages.people_urls")),
    path("", include("uploads.pages.batch_urls")),
    path("", include("uploads.pages.precheck_urls")),
    path("", include("uploads.pages.profile_urls")),
    path("", include("uploads.pages.release_urls")),
    path("", include("uploads.pages.incident_urls")),
    path("", include("uploads.pages.campaign_urls")),
    path("backups/", include("uploads.pages.backup_urls")),
    path("", include("uploads.pages.system_urls")),
    path("", include("uploads.pages.notice_urls")),
    path("", include("uploads.pages.enquiry_urls")),
]
