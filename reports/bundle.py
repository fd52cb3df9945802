"""The folder a report is handed over as: shared assets, what each page may load, and the list of its hashes."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from reports.charts import plotly_js

ASSETS = Path(__file__).parent / "assets"
MANIFEST = "MANIFEST.sha256"

OWN = ("style.css", "page.js", "run_report.css", "lead_list.js", "lead_place.js")
"""Our own assets; the last three serve the index, its style sheet also the shared summary."""

_POLICY = (
    "default-src 'none'; script-src {script}; style-src {style} 'unsafe-inline'; img-src data:; base-uri 'none';"
    " form-action 'none'"
)
"""Nothing may be fetched but the page's own script and style. Plotly sets style attributes, hence 'unsafe-inline'
there; never unsafe-eval, never an inline script that is not named by its hash."""


@dataclass(frozen=True)
class Assets:
    """What a page's skeleton needs: its Content-Security-Policy, its style and script elements, the way home."""

    policy: str
    style: Markup
    script: Markup
    home: str


def linked(depth: int) -> Assets:
    """Assets beside the page, for a page ``depth`` folders below report/."""
    up = "../" * depth
    script = Markup('<script src="{up}assets/plotly.min.js"></script>\n<script src="{up}assets/page.js"></script>')
    return Assets(
        policy=_POLICY.format(script="'self' file:", style="'self' file:"),
        style=Markup('<link rel="stylesheet" href="{up}assets/style.css">').format(up=up),
        script=script.format(up=up),
        home=f"{up}index.html",
    )


def inlined(*sheets: str, has_figures: bool = True) -> Assets:
    """Assets inside the page, for one that is sent as one file; each script is allowed by its hash alone.

    Args:
        sheets: our own style sheets that the page wears over the common one.
        has_figures: whether anything is drawn; Plotly is left out, with its megabytes, where nothing is.
    """
    scripts = [*([_inert(plotly_js())] if has_figures else []), _inert(_own("page.js"))]
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)
    body = "\n".join(f"<script>{script}</script>" for script in scripts)
    return Assets(
        policy=_POLICY.format(script=hashes, style=""),
        style=Markup("".join(f"<style>{_own(name)}</style>" for name in ("style.css", *sheets))),  # noqa: S704  # ours
        script=Markup(body),  # noqa: S704  # our own file and Plotly's, with their end tags made inert
        home="#main",
    )


def write_assets(report: Path) -> None:
    """Writes plotly.min.js and our own scripts and styles into report/assets/."""
    folder = report / "assets"
    folder.mkdir(parents=True, exist_ok=True)
    for name in OWN:
        (folder / name).write_text(_own(name), encoding="utf-8", newline="\n")
    (folder / "plotly.min.js").write_text(plotly_js(), encoding="utf-8", newline="\n")


def write_manifest(report: Path) -> Path:
    """Writes MANIFEST.sha256 over every other file of the report, in the form ``sha256sum --check`` reads."""
    files = sorted(path for path in report.rglob("*") if path.is_file() and path.name != MANIFEST)
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(report).as_posix()}" for path in files
    ]
    target = report / MANIFEST
    target.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return target


def _own(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _inert(script: str) -> str:
    """A script that cannot end the element it stands in: an escaped slash reads the same inside strings."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
