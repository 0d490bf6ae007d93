"""People, accounts, capacities and delegations, below /staff/."""

from django.urls import path

from uploads.pages import delegations, people, people_acts

urlpatterns = [
    path("people/", people.people, name="staff-people"),
    path("people/new/", people.new, name="staff-person-new"),
    path("people/order-passwords/", people_acts.order_passwords, name="staff-order-passwords"),
    path("people/<int:person_id>/", people.one, name="staff-person"),
    path("people/<int:person_id>/edit/", people.edit, name="staff-person-edit"),
    path("people/<int:person_id>/invite/", people_acts.send_invitation, name="staff-person-invite"),
    path("people/<int:person_id>/grant/", people_acts.grant, name="staff-person-grant"),
    path("people/<int:person_id>/grants/<int:grant_id>/end/", people_acts.end, name="staff-grant-end"),
    path("people/<int:person_id>/delegate/", delegations.delegate_for, name="staff-delegate-for"),
    path("people/<int:person_id>/<slug:act_name>/", people_acts.act, name="staff-person-act"),
    path("account/delegate/", delegations.delegate_own, name="staff-delegate"),
    path("delegations/<int:grant_id>/end/", delegations.end, name="staff-delegation-end"),
]
