"""The Django app that keeps everything."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Tables of the factory; nothing outside this room knows them."""

    name = "creditfactory.records"
    label = "records"
