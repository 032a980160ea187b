"""Addresses of this app's operations, below /api/v1/."""

from django.urls import path

from selfhelp.api import views

urlpatterns = [
    path("articles/", views.ArticlesView.as_view(), name="api-articles"),
    path("articles/<slug:slug>/", views.ArticleView.as_view(), name="api-article"),
    path("articles/<slug:slug>/feedback/", views.FeedbackView.as_view(), name="api-article-feedback"),
    path("features/", views.FeaturesView.as_view(), name="api-features"),
    path("phone-numbers/", views.PhoneNumbersView.as_view(), name="api-phone-numbers"),
]
