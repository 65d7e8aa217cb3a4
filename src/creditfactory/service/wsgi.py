"""The web door, for a WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

from creditfactory.service.words import compile_words

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditfactory.service.settings")
compile_words()
application = get_wsgi_application()
