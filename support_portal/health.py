"""Two questions of operators: does the process live, and is the portal fit to serve."""

from django.http import HttpRequest, HttpResponse, JsonResponse


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process lives; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """Tell whether the portal is fit to serve."""
    return JsonResponse({"status": "ok"})
