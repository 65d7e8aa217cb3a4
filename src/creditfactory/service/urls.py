"""Every address of the web door."""

from django.urls import URLPattern, URLResolver, include, path

from creditfactory.api import api
from creditfactory.service import watch

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", watch.healthz, name="healthz"),
    path("readyz", watch.readyz, name="readyz"),
    path("metrics", watch.metrics, name="metrics"),
    path("api/", api.urls),
    path("", include("creditfactory.consoles.urls")),
]
handler403 = "creditfactory.consoles.views.errors.not_allowed"
handler404 = "creditfactory.consoles.views.errors.not_found"
handler500 = "creditfactory.consoles.views.errors.broken"
