"""django-helpdesk, whose `get_email` reads the mailbox. Its SQLite is Django's default: a rollback journal with
synchronous=FULL."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from pathlib import Path

from bench import peers

NAME = "django-helpdesk"
SLUG = "lpse"

_SETTINGS = """
from pathlib import Path
HERE = Path(__file__).resolve().parent
SECRET_KEY = "bench"
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.messages", "django.contrib.staticfiles", "django.contrib.sites", "django.contrib.humanize",
    "rest_framework", "django_cleanup.apps.CleanupConfig", "helpdesk",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [dict(BACKEND="django.template.backends.django.DjangoTemplates", APP_DIRS=True, OPTIONS=dict(
    context_processors=["django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages"]))]
DATABASES = {{"default": dict(ENGINE="django.db.backends.sqlite3", NAME=HERE / "db.sqlite3")}}
ROOT_URLCONF = "peer_urls"
SITE_ID = 1
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
STATIC_URL, MEDIA_URL, MEDIA_ROOT = "/static/", "/media/", str(HERE / "media")
FILE_UPLOAD_MAX_MEMORY_SIZE = 50_000_000
EMAIL_HOST, EMAIL_PORT, DEFAULT_FROM_EMAIL = "127.0.0.1", {smtp_port}, "{address}"
HELPDESK_TEAMS_MODE_ENABLED = False
HELPDESK_TEAMS_MODEL, HELPDESK_TEAMS_MIGRATION_DEPENDENCIES = "auth.User", []
HELPDESK_KBITEM_TEAM_GETTER = lambda _: None
HELPDESK_VALID_EXTENSIONS = [".txt", ".pdf", ".png", ".xlsx", ".html", ".eml", ".jpg"]
LOGGING = dict(version=1, disable_existing_loggers=False,
               handlers=dict(file={{"class": "logging.FileHandler", "filename": str(HERE / "log"), "level": "ERROR"}}),
               root=dict(handlers=["file"], level="ERROR"))
"""
_URLS = """
from django.contrib import admin
from django.urls import include, path
urlpatterns = [path("admin/", admin.site.urls), path("", include("helpdesk.urls", namespace="helpdesk"))]
"""
_QUEUE = """
from helpdesk.models import Queue
Queue.objects.create(
    title="LPSE", slug="{slug}", email_address="{address}", allow_email_submission=True, allow_public_submission=True,
    new_ticket_cc="{staff}", updated_ticket_cc="{staff}", email_box_type="imap", email_box_host="127.0.0.1",
    email_box_port={imap_port}, email_box_ssl=False, email_box_user="{address}", email_box_pass="{password}",
    email_box_imap_folder="INBOX", email_box_interval=0)
"""


def tag(ticket: int) -> str:
    return f"[{SLUG}-{ticket}]"


class Helpdesk:
    """One installation with an empty database."""

    def __init__(self, folder: Path, imap_port: int, smtp_port: int, address: str, password: str, staff: str) -> None:
        self.folder = folder
        self._python = str(peers.programs(NAME) / "python")
        (folder / "media").mkdir(parents=True)
        (folder / "peer_settings.py").write_text(_SETTINGS.format(smtp_port=smtp_port, address=address))
        (folder / "peer_urls.py").write_text(_URLS)
        self._django("migrate", "-v0")
        self._django("loaddata", "emailtemplate.json", "-v0")
        queue = _QUEUE.format(slug=SLUG, address=address, staff=staff, imap_port=imap_port, password=password)
        self._django("shell", "-c", queue)

    def _django(self, *arguments: str) -> None:
        subprocess.run(self._command(*arguments), check=True, cwd=self.folder, env=self._environment, stdout=-3)

    def _command(self, *arguments: str) -> list[str]:
        return [self._python, "-m", "django", *arguments]

    @property
    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "peer_settings", "PYTHONPATH": str(self.folder)}

    def read_mailbox(self) -> tuple[float, float]:
        """Takes all that waits. (seconds, seconds of CPU) of the process, its start included."""
        return peers.called(self._command("get_email"), self.folder, self._environment)

    @property
    def recorded(self) -> int:
        """Mails that it has kept."""
        with sqlite3.connect(self.folder / "db.sqlite3") as connection:
            return int(connection.execute("SELECT count(*) FROM helpdesk_followup").fetchone()[0])
