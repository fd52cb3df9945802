"""The template environment: autoescaping outright, undefined names refused, words in both languages at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from reports import figures
from reports.articles import article_name
from reports.charts import Figure, embedded
from reports.run_report.not_runnable import reason_in_words, would_make_it_run
from reports.terms import term
from reports.words import word
from schemas.card import Text

ROOM = Path(__file__).parent


def both(text: Text) -> Markup:
    """Words in both languages; the switch of the page shows one of them."""
    if text.en == text.zh:
        return Markup(f"<span>{escape(text.zh)}</span>")  # noqa: S704  # escaped on this line
    zh, en = escape(text.zh), escape(text.en)
    return Markup(f'<span lang="zh-CN" class="zh">{zh}</span><span lang="en" class="en">{en}</span>')  # noqa: S704


def filled(key: str, **values: object) -> Markup:
    """A sentence of ``reports.words`` in both languages with its ``{names}`` filled; Text values go to their side."""
    if not values:
        return _word(key)
    text, sides = word(key), {}
    for side in ("zh", "en"):
        own = {name: getattr(value, side) if isinstance(value, Text) else value for name, value in values.items()}
        sides[side] = getattr(text, side).format(**own)
    return both(Text(**sides))


@lru_cache(maxsize=1024)
def _word(key: str) -> Markup:
    """Words without anything to fill in; most of a page is made of these."""
    return both(word(key))


def label(key: str) -> str:
    """Both languages in one attribute, for what a screen reader says: ``时间线 · timeline``."""
    text = word(key)
    return f"{text.zh} · {text.en}"


def of_detectors(values: Mapping[str, str], detector_ids: Sequence[str]) -> list[tuple[str, str]]:
    """Entries sorted by key; where detectors are named only theirs, and those that belong to none.

    Args:
        values: by detector id, by ``family.name.parameter``, or by a key without a dot.
        detector_ids: detectors to keep; all where empty.
    """
    return [
        (key, value)
        for key, value in sorted(values.items())
        if not detector_ids or "." not in key or ".".join(key.split(".")[:2]) in detector_ids
    ]


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Templates of this room; every global a template may use is named here."""
    made = Environment(
        loader=FileSystemLoader(ROOM),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals |= {
        "would_make_it_run": would_make_it_run,
        "reason_in_words": reason_in_words,
        "w": filled,
        "both": both,
        "label": label,
        "term": term,
        "article_name": article_name,
        "embedded": embedded,
    }
    made.filters["of_detectors"] = of_detectors
    for format_ in (
        figures.yuan,
        figures.money,
        figures.count,
        figures.episode,
        figures.short_episode,
        figures.person,
        figures.lookup_command,
        figures.signed,
        figures.number,
        figures.fixed,
        figures.share,
        figures.moment,
        figures.day,
        figures.days,
        figures.short,
    ):
        made.filters[format_.__name__] = format_
    return made


def page(template: str, **values: Any) -> str:  # noqa: ANN401  # whatever the template names
    """One page as text.

    Args:
        template: path below reports/, for example ``evidence/page.html.j2``.
        values: what the template names; a name it uses and does not get is an error.
    """
    return environment().get_template(template).render(**values)


__all__ = ["Figure", "both", "environment", "filled", "label", "page"]
