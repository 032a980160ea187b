"""Addresses of the self-help pages, open to everybody."""

from django.urls import path

from selfhelp import views

app_name = "selfhelp"
urlpatterns = [
    path("help/", views.articles, name="articles"),
    path("help/<slug:slug>/", views.article, name="article"),
    path("phone/", views.phone, name="phone"),
    path("features/", views.features, name="features"),
]
