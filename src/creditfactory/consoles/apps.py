"""The Django app that holds the pages."""

from django.apps import AppConfig


class ConsolesConfig(AppConfig):
    """Pages, their templates and their words in both languages."""

    name = "creditfactory.consoles"
    label = "consoles"
