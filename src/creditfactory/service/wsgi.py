"""The web door, for a WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

from creditfactory import labels
from creditfactory.service.compiling import announce_compiling
from creditfactory.service.logs import set_up_logging
from creditfactory.service.words import compile_words

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditfactory.service.settings")
compile_words()
set_up_logging()
announce_compiling()
application = get_wsgi_application()
labels.warm()
