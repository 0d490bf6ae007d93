"""The public pages; each stands under /en/ too."""

from django.urls import path, re_path

from certificates.pages import bulletins, codes, enquiries, information, lists, reports, schedule, views, when

urlpatterns = [
    path("", views.home, name="home"),
    path("lookup/", views.lookup, name="lookup"),
    path("when/", when.when, name="when"),
    path("enquiries/", enquiries.index, name="enquiries"),
    path("enquiries/answer/", enquiries.answer, name="enquiry-answer"),
    path("reports/", reports.index, name="reports"),
    path("codes/", codes.index, name="codes"),
    path("codes/new/", codes.new, name="code-new"),
    path("codes/slip/", codes.slip, name="code-slip"),
    path("codes/withdraw/", codes.withdraw, name="code-withdraw"),
    path("codes/<str:typed>/", codes.code, name="code"),
    path("codes/<str:typed>", codes.code),
    path("schedule/", schedule.schedule, name="schedule"),
    path("schedule.ics", schedule.schedule_ics, name="schedule-ics"),
    path("lists/", lists.index, name="lists"),
    re_path(r"^lists/template\.(?P<kind>xlsx|csv)$", lists.template, name="list-template"),
    path("lists/<str:secret>/", lists.one, name="list"),
    path("lists/<str:secret>/result.xlsx", lists.sheet, name="list-sheet"),
    path("bulletins/", bulletins.index, name="bulletins"),
    re_path(r"^bulletins/(?P<number>[0-9A-Za-z-]{1,20})/$", bulletins.bulletin, name="bulletin"),
    re_path(r"^bulletins/(?P<number>[0-9A-Za-z-]{1,20})\.csv$", bulletins.bulletin_csv, name="bulletin-csv"),
    path("help/", information.help_page, name="help"),
    path("scope/", information.scope, name="scope"),
    path("contacts/", information.contacts, name="contacts"),
    path("notices/", information.notices, name="notices"),
    path("notices/<int:notice_id>/", information.notice, name="notice"),
    path("privacy/", information.privacy, name="privacy"),
    path("accessibility/", information.accessibility, name="accessibility"),
    path("genuine/", information.genuine, name="genuine"),
]
