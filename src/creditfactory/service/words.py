"""The pages' words in Chinese: compiled from what translators write, by Babel, where no gettext is installed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from creditfactory.service.settings import LOCALE_PATHS


def compile_words(folders: list[Path] | None = None) -> tuple[Path, ...]:
    """Compile every ``django.po`` that is newer than its ``django.mo``; returns those compiled.

    Several processes may do so at once: each writes a file of its own and moves it into place.
    """
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = []
    for source in sorted(po for folder in folders or LOCALE_PATHS for po in folder.glob("*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text, abort_invalid=True)
        handle, name = tempfile.mkstemp(dir=target.parent, suffix=".mo.part")
        with os.fdopen(handle, "wb") as made:
            write_mo(made, catalogue)
        Path(name).replace(target)
        target.chmod(0o644)
        compiled.append(target)
    return tuple(compiled)
