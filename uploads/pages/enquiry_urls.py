"""查不到登记 and 举报, below /staff/."""

from django.urls import path

from uploads.pages import enquiries, forgeries

urlpatterns = [
    path("enquiries/", enquiries.enquiries, name="staff-enquiries"),
    path("enquiries/<int:enquiry_id>/", enquiries.enquiry, name="staff-enquiry"),
    path("forgeries/", forgeries.forgeries, name="staff-forgeries"),
    path("forgeries/<int:report_id>/", forgeries.forgery, name="staff-forgery"),
    path("forgeries/<int:report_id>/photo/", forgeries.photo, name="staff-forgery-photo"),
]
