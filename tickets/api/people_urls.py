"""The operation on people that reaches into requests, below /api/v1/."""

from django.urls import path

from tickets.api.views.people import DeactivateView

urlpatterns = [
    path("people/<int:person_id>/deactivate/", DeactivateView.as_view(), name="api-person-deactivate"),
]
