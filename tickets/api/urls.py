"""Addresses of this app's operations, below /api/v1/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
