"""Django's settings: read from the environment, importing nothing of ours.

Set by whoever starts a process: ``DATABASE_URL`` (a PostgreSQL server; the supervisor sets it for the embedded one),
``CREDITFACTORY_SECRET`` (signs sessions), ``CREDITFACTORY_VAULT_KEY`` (wraps the persons' keys; 32 bytes, base64) and
``CREDITFACTORY_HOSTS``. None has a default that would do in production: the demo makes its own and prints it.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

PACKAGE_DIR = Path(__file__).resolve().parent.parent


def read_database_url(url: str) -> dict[str, object]:
    """The parts of a ``postgresql://`` address, as Django wants them; a socket folder stands in ``?host=``."""
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": {"application_name": "creditfactory", **query},
    }


DATABASES = {
    "default": {
        **read_database_url(os.environ.get("DATABASE_URL", "postgresql:///creditfactory")),
        "CONN_MAX_AGE": int(os.environ["CREDITFACTORY_CONN_MAX_AGE"])
        if "CREDITFACTORY_CONN_MAX_AGE" in os.environ
        else None,
        "CONN_HEALTH_CHECKS": True,
    }
}
SECRET_KEY = os.environ.get("CREDITFACTORY_SECRET", "")
VAULT_KEY = os.environ.get("CREDITFACTORY_VAULT_KEY", "")
DATA_DIR = os.environ.get("CREDITFACTORY_DATA", "")
IS_DEMO = os.environ.get("CREDITFACTORY_DEMO") == "1"
API_PER_MINUTE_MAX = int(os.environ.get("CREDITFACTORY_API_PER_MINUTE", "6000"))
"""Requests a minute that a partner's key may send where the key itself says nothing; counted by each web process."""
PROXIES = int(os.environ.get("CREDITFACTORY_PROXIES", "0"))
"""How many proxies of our own stand before the web door; each adds one address to ``X-Forwarded-For``."""
DEBUG = False
ALLOWED_HOSTS = [host for host in os.environ.get("CREDITFACTORY_HOSTS", "127.0.0.1,localhost").split(",") if host]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "ninja",
    "procrastinate.contrib.django",
    "creditfactory.records",
    "creditfactory.consoles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "creditfactory.service.watch.RequestWatch",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "creditfactory.service.urls"
WSGI_APPLICATION = "creditfactory.service.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "creditfactory.consoles.frame.frame",
            ],
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "line"
LOGOUT_REDIRECT_URL = "login"
CSRF_FAILURE_VIEW = "creditfactory.consoles.views.errors.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = os.environ.get("CREDITFACTORY_HTTPS") == "1"
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "中文")]
LOCALE_PATHS = [PACKAGE_DIR / "consoles" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING_CONFIG = None

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_IMPORT_PATHS = ["creditfactory.service.jobs"]
PROCRASTINATE_WORKER_DEFAULTS = {
    "update_heartbeat_interval": 2,
    "stalled_worker_timeout": 8,
    "fetch_job_polling_interval": 2,
    "shutdown_graceful_timeout": 10,
    "delete_jobs": "successful",
}
