"""Every address of the web door."""

from django.urls import URLPattern, URLResolver, path

from creditfactory.service import watch

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", watch.healthz, name="healthz"),
    path("readyz", watch.readyz, name="readyz"),
    path("metrics", watch.metrics, name="metrics"),
]
