"""The public pages; each stands under /en/ too."""

from django.urls import path

from certificates.pages import views

urlpatterns = [
    path("", views.home, name="home"),
    path("lookup/", views.lookup, name="lookup"),
]
