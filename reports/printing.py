"""Prints a page of the report to A4 as PDF with the Chromium of the machine; there is none of our own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from schemas.errors import UsageError

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge", "chrome")
"""Commands that are looked for, in this order."""

VARIABLE = "EXAM_AUDIT_BROWSER"
"""Environment variable with the path of a browser that none of these names finds."""

LONGEST_S = 180
"""Seconds after which printing one page is given up."""


def print_to_pdf(page: Path, target: Path) -> Path:
    """Prints a page as its print style lays it out, figures drawn, page numbers at the foot; returns ``target``.

    Nothing is loaded but the page's own files. The PDF holds the time of printing, so its bytes differ each time.

    Args:
        page: an HTML file of a report.
        target: the PDF to write; replaced where it stands.

    Raises:
        UsageError: there is no browser, or it could not print the page.
    """
    with tempfile.TemporaryDirectory(prefix="exam-audit-print-") as profile:
        made = Path(profile) / "page.pdf"
        command = [
            find_browser(), "--headless", "--disable-gpu", "--disable-background-networking", "--no-first-run",
            f"--user-data-dir={profile}/profile", "--no-pdf-header-footer", "--virtual-time-budget=20000",
            "--force-prefers-reduced-motion", *_without_sandbox(), f"--print-to-pdf={made}", page.resolve().as_uri(),
        ]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, check=True, timeout=LONGEST_S)
        except (subprocess.SubprocessError, OSError) as error:
            raise _not_printed(command[0], type(error).__name__) from None
        if not made.is_file() or not made.read_bytes().startswith(b"%PDF"):
            raise _not_printed(command[0], "no PDF")
        shutil.move(made, target)
    return target


def find_browser() -> str:
    """The path of the machine's browser: the one that ``EXAM_AUDIT_BROWSER`` names, else the first of ``BROWSERS``.

    Raises:
        UsageError: there is none.
    """
    named = os.environ.get(VARIABLE)
    found = next((path for name in ([named] if named else BROWSERS) if (path := shutil.which(name))), None)
    if found is None:
        raise UsageError(
            "no browser that can print was found",
            got=named or "none of " + ", ".join(BROWSERS),
            allowed=f"Chromium, Chrome or Edge on the PATH, or its path in {VARIABLE}; or print the page by hand",
            where=VARIABLE if named else "PATH",
        )
    return found


def _without_sandbox() -> tuple[str, ...]:
    """Chromium refuses its sandbox to root, as in most containers; the page is our own file and loads nothing."""
    return ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()


def _not_printed(browser: str, got: str) -> UsageError:
    return UsageError(
        "the browser could not print the page",
        got=got,
        allowed="a Chromium that prints with --print-to-pdf",
        where=browser,
    )
