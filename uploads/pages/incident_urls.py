"""事件, below /staff/."""

from django.urls import path

from uploads.pages import incidents

urlpatterns = [
    path("incidents/", incidents.incidents, name="staff-incidents"),
    path("incidents/new/", incidents.new, name="staff-incident-new"),
    path("incidents/<int:incident_id>/", incidents.incident, name="staff-incident"),
    path("incidents/<int:incident_id>/acknowledge/", incidents.acknowledge, name="staff-incident-acknowledge"),
    path("incidents/<int:incident_id>/freeze/", incidents.freeze, name="staff-incident-freeze"),
    path("incidents/<int:incident_id>/revise/", incidents.revise, name="staff-incident-revise"),
    path("incidents/<int:incident_id>/close/", incidents.close, name="staff-incident-close"),
    path("incidents/<int:incident_id>/evidence/", incidents.evidence, name="staff-incident-evidence"),
]
