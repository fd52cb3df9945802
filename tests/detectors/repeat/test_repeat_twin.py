"""repeat.same_institution agrees with its slow twin (repeat_twin.py) on random histories.

``EXAM_AUDIT_CAMPAIGN=full`` compares thousands.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from loaded import loaded

from detectors.repeat.same_institution import SAME_INSTITUTION
from detectors.specs import Case, Spec, found_by_case

TWIN = loaded(Path(__file__).with_name("repeat_twin.py"))
DAY_S = 86_400
BATCHES = 40 if os.environ.get("EXAM_AUDIT_CAMPAIGN") == "full" else 4
HISTORIES = 150
GAPS_S = (
    0,
    1,
    3600,
    7200,
    36_000,
    12 * 3600 - 1,
    12 * 3600,
    24 * 3600 - 1,
    24 * 3600,
    DAY_S * 3,
    7 * DAY_S - 1,
    7 * DAY_S,
)


class Story:
    """Random tables of one or two patients: ties, gaps at the interval's edge, nulls, bare dates, reversals."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.moments = [datetime(2025, 3, 1, random.choice((0, 8)))]  # noqa: DTZ001
        self.item = random.choice(("CT", "CT", "CT", "CBC", "CBC", "TNI", "ODD"))
        self.part = random.choice(("chest", "chest", None))
        self.ids = iter(random.sample(range(100, 1000), 60))
        self.encounters = [self._encounter(f"E{n}") for n in range(random.randint(0, 3))]
        self.orders = [self._order() for _ in range(random.randint(3, 9))]
        pair = self._pair() if random.random() < 0.3 else []
        self.orders += pair
        self.results = [
            {"report_id": f"R{n}", "order_id": order["order_id"], "reported_at": order["ordered_at"]}
            for n, order in enumerate(self.orders)
            if random.random() < 0.3
        ]
        self.lines = [self._line() for _ in range(random.randint(0, 5))]
        self.lines += [self._line(order) | {"order_id": None} for order in pair]
        self.lines += [self._reversal(line) for line in self.lines if random.random() < 0.4]

    def tables(self) -> dict[str, tuple[dict[str, str | None], ...]]:
        """The tables as the warehouse takes them."""
        return {
            "encounter": tuple(self.encounters),
            "exam_order": tuple(self.orders),
            "exam_result": tuple(self.results),
            "claim_line": tuple(self.lines),
        }

    def _pick(self, *choices: str | None) -> str | None:
        return self.random.choice(choices)

    def _moment(self) -> str:
        """A moment a telling gap after an earlier one, at times a bare date."""
        moment = self.random.choice(self.moments) + timedelta(seconds=self.random.choice(GAPS_S))
        self.moments.append(moment)
        return f"{moment:%Y-%m-%d}" if self.random.random() < 0.2 else f"{moment:%Y-%m-%dT%H:%M:%S}"

    def _encounter(self, id_: str) -> dict[str, str | None]:
        return {
            "encounter_id": id_,
            "patient_id": "P1",
            "institution_id": "H1",
            "encounter_type": self._pick("inpatient", "inpatient", "outpatient", "emergency", "day_case"),
            "started_at": "2025-03-01T00:00:00",
        }

    def _order(self) -> dict[str, str | None]:
        ordered_at = self._moment()
        performed_at = self._pick(None, ordered_at, ordered_at, self._moment())
        return {
            "order_id": f"O{next(self.ids)}",
            "encounter_id": self._pick(None, "E9", "E0", "E0", "E1"),
            "patient_id": self._pick(*["P1"] * 20, "P2"),
            "institution_id": self._pick(*["H1"] * 20, "H2"),
            "performing_institution_id": self._pick(*[None] * 16, "H1", "H2"),
            "item_code": self._pick(*[self.item] * 30, "CT", "CTE", "CBC", "L-CBC", "NIL", "ODD"),
            "body_part": self._pick(*[self.part] * 24, None, "chest", " Chest", "abdomen"),
            "laterality": self._pick(*[None] * 16, "L", "R", "B", "B"),
            "ordered_at": min(ordered_at, performed_at or ordered_at),
            "performed_at": performed_at,
            "status": self._pick(None, "ordered", *["performed"] * 5, "cancelled", "failed"),
        }

    def _pair(self) -> list[dict[str, str | None]]:
        """Two orders of one item on one day that only their charges show to have taken place."""
        first = self._order() | {"encounter_id": "E0", "performed_at": None, "status": None}
        day = str(first["ordered_at"])[:10]
        own = {"order_id": f"O{next(self.ids)}", "ordered_at": f"{day}T{self.random.choice((9, 15, 23)):02d}:30:00"}
        return [first, first | own]

    def _line(self, order: dict[str, str | None] | None = None) -> dict[str, str | None]:
        is_like = order is not None or self.random.random() < 0.7
        order = order or self.random.choice(self.orders)
        quantity = self.random.choice((1, 1, 2))
        when = self._pick(order["ordered_at"], order["performed_at"], self._moment()) if is_like else self._moment()
        return {
            "claim_line_id": f"C{next(self.ids)}",
            "claim_id": "K",
            "encounter_id": order["encounter_id"] if is_like else self._pick(None, "E0"),
            "patient_id": order["patient_id"] if is_like else "P1",
            "institution_id": "H1",
            "item_code": order["item_code"] if is_like else self._pick(self.item, self.item, "CTE", "CBC", "ODD"),
            "charge_category": self._pick(None, "检查费", "床位费"),
            "order_id": self._pick(None, order["order_id"], "O0") if is_like else None,
            "charged_at": when or self._moment(),
            "quantity": str(quantity),
            "unit_price": "10",
            "amount": str(10 * quantity),
            "voided": self._pick(None, None, None, None, "0", "1"),
            "external_institution_id": self._pick(None, None, None, None, "H2"),
            "reverses_claim_line_id": None,
        }

    def _reversal(self, line: dict[str, str | None]) -> dict[str, str | None]:
        """Undoes a line: by a pointer, wholly or in part; or without one, wholly, later and in the same words."""
        points = self.random.random() < 0.6
        quantity = self.random.choice((1, int(str(line["quantity"])))) if points else int(str(line["quantity"]))
        charged = datetime.fromisoformat(str(line["charged_at"])) + timedelta(hours=self.random.choice((0, 1, 30)))
        return line | {
            "claim_line_id": f"C{next(self.ids)}",
            "order_id": self._pick(line["order_id"], line["order_id"], None),
            "charged_at": f"{charged:%Y-%m-%dT%H:%M:%S}",
            "quantity": str(-quantity),
            "amount": str(-10 * quantity),
            "voided": None if points else line["voided"],
            "reverses_claim_line_id": line["claim_line_id"] if points else None,
        }


@settings(max_examples=BATCHES, derandomize=True, database=None, deadline=None, phases=(Phase.generate,))
@given(st.integers(0, 2**32))
def test_question_and_twin_agree_on_random_histories(seed: int) -> None:
    random = Random(seed)
    stories = {f"h{number:03d}": Story(random).tables() for number in range(HISTORIES)}
    columns = ("flagged_event_id", "index_event_id")
    cases = tuple(Case(id_, "", "", tables, columns, ()) for id_, tables in stories.items())
    pack = {"exam_items": TWIN.ITEMS_TEXT, "item_map": TWIN.ITEM_MAP_TEXT}
    found = found_by_case(Spec(SAME_INSTITUTION.id, pack, cases), SAME_INSTITUTION)
    assert sum(len(rows) for rows in found.values()) >= HISTORIES // 10
    for id_, tables in stories.items():
        pairs = {(str(row["flagged_event_id"]), str(row["index_event_id"])) for row in found[id_]}
        told = "\n".join(f"{name} {list(row.values())}" for name, rows in tables.items() for row in rows)
        assert pairs == TWIN.repeats(tables), told
