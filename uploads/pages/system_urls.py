"""系统, 巡检 and 安全隐患, below /staff/."""

from django.urls import path

from uploads.pages import hazards, system

urlpatterns = [
    path("system/", system.system, name="staff-system"),
    path("system/inspections/", system.inspections, name="staff-inspections"),
    path("system/inspections/new/", system.new_inspection, name="staff-inspection-new"),
    path("hazards/", hazards.hazards, name="staff-hazards"),
    path("hazards/new/", hazards.new, name="staff-hazard-new"),
    path("hazards/<int:hazard_id>/", hazards.hazard, name="staff-hazard"),
    path("hazards/<int:hazard_id>/<str:step_name>/", hazards.step, name="staff-hazard-step"),
]
