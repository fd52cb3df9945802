"""``detectors list / show / new``: the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.console import say, show, show_json, show_table
from schemas.errors import OK

app = typer.Typer(help="The catalogue of detectors.", no_args_is_help=True)

PackOption = Annotated[str, typer.Option("--pack", help="Policy pack: a name or a folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_(json: JsonOption = False) -> int:
    """Every detector with its version, subject and what it needs."""
    from detectors.catalogue import load_catalogue

    catalogue = load_catalogue()
    if json:
        show_json(
            [
                {
                    "detector_id": d.id,
                    "version": d.version,
                    "status": d.status,
                    "title_en": d.title.en,
                    "title_zh": d.title.zh,
                    "subject_type": d.subject_type,
                    "needs": [list(one) for one in d.needs],
                    "parameters": {p.name: p.default for p in d.parameters},
                }
                for d in catalogue
            ]
        )
        return OK
    rows = [
        (d.id, d.version, d.status, d.title.zh, d.title.en, "; ".join(" or ".join(one) for one in d.needs))
        for d in catalogue
    ]
    show_table(f"{len(rows)} detectors", ("id", "version", "status", "名称", "title", "needs"), rows)
    return OK


@app.command("show")
def show_(
    detector_id: Annotated[str, typer.Argument(metavar="ID")],
    pack: PackOption = "cn-national",
    json: JsonOption = False,
) -> int:
    """One detector's card under a policy pack, with its question."""
    from detectors.cards import card_of
    from detectors.catalogue import chosen, load_catalogue
    from detectors.settings import resolve
    from schemas.pack import load_pack

    catalogue = load_catalogue()
    (detector, *_) = chosen(catalogue, [detector_id])
    policy = load_pack(pack)
    card = card_of(detector, resolve(catalogue, policy.parameters)[detector.id], policy)
    if json:
        show_json(card.model_dump(mode="json"))
        return OK
    show(f"{card.detector_id} {card.version}  {card.title.zh} · {card.title.en}")
    show(f"{card.sentence.zh}\n{card.sentence.en}")
    show_table(
        "parameters",
        ("name", "value", "from", "unit", "bounds", "why"),
        [(p.name, p.value, p.origin, p.unit, f"{p.minimum} – {p.maximum}", p.why.en) for p in card.parameters],
    )
    show_table(
        "exemptions", ("id", "effect", "title"), [(x.exemption_id, x.effect, x.title.en) for x in card.exemptions]
    )
    show("innocent explanations\n" + "\n".join(f"  - {one.zh} {one.en}" for one in card.innocent_explanations))
    show(f"\n{card.question_sql}")
    return OK


@app.command("new")
def new(
    family: Annotated[str, typer.Argument(metavar="FAMILY")],
    name: Annotated[str, typer.Argument(metavar="NAME")],
    root: Annotated[Path, typer.Option("--root", help="A checkout of the repository.")] = Path(),
) -> int:
    """Write the pair and the spec of a new detector, to be filled in."""
    from pipelines.scaffold import scaffold

    for path in scaffold(root, family, name):
        show(str(path))
    say("register it in detectors/catalogue.py, then run `python -m detectors.catalogue` and `make test`")
    return OK
