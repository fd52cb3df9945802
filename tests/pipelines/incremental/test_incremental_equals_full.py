"""Whatever batches bring, a run that builds on the last one finds what a full run finds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from detectors.ascii_tables import Row
from schemas.pack import load_pack

PACK = load_pack("cn-national")
BY_INTERVAL = PACK.tables["exam_items"].filter(pl.col("retest_hours_inpatient") > 0).sort("item_code")
ITEMS = BY_INTERVAL.group_by("modality", maintain_order=True).first()["item_code"].to_list()[:3]
FIRST_DAY = datetime(2025, 1, 1, 8)  # noqa: DTZ001 - local wall time
Tables = dict[str, list[Row]]
IS_CAMPAIGN = os.environ.get("EXAM_AUDIT_CAMPAIGN") == "full"

worlds = settings(
    max_examples=25 if IS_CAMPAIGN else 2,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}"


class History:
    """Nights of a few hospitals: what each batch brings, corrects, reverses and withdraws."""

    def __init__(self, seed: int, patients: int) -> None:
        self.random, self.patients, self.now, self.made = Random(seed), patients, FIRST_DAY, 0
        self.known: dict[str, dict[str, Row]] = {}

    def batches(self, nights: int) -> Iterator[tuple[Tables, date]]:
        yield self._batch(self._registers(), self.patients * 4)
        for _ in range(nights):
            self.now += timedelta(days=self.random.choice((0, 1, 3, 20)))
            yield self._batch({}, self.random.randint(0, 3))

    def _batch(self, batch: Tables, visits: int) -> tuple[Tables, date]:
        for _ in range(visits):
            self._visit(batch)
        if self.known:
            for _ in range(self.random.randint(0, 3)):
                self.random.choice(
                    (self._correct, self._reverse, self._withdraw, self._move, self._register, self._report)
                )(batch)
        for table, rows in batch.items():
            for row in rows:
                self.known.setdefault(table, {})[self._key(table, row)] = row
        distinct = {table: list({self._key(table, row): row for row in rows}.values()) for table, rows in batch.items()}
        return distinct, self.now.date()

    def _key(self, table: str, row: Row) -> str:
        keys = {"encounter": "encounter_id", "exam_order": "order_id", "claim_line": "claim_line_id"}
        return str(row.get(keys.get(table, ""), "|".join(str(value) for value in list(row.values())[:3])))

    def _registers(self) -> Tables:
        return {
            "institution": [self._institution(f"H{n}") for n in (1, 2)],
            "department": [self._department(f"H{n}", f"D{d}") for n in (1, 2) for d in (1, 2)],
            "patient": [{"patient_id": f"P{n}", "birth_date": "1960-01-01", "sex": "F"} for n in range(self.patients)],
        }

    def _institution(self, id_: str) -> Row:
        level = self.random.choice(("tertiary", "secondary"))
        return {"institution_id": id_, "institution_name": id_, "level": level, "region_code": "R"}

    def _department(self, institution: str, code: str) -> Row:
        flag = self.random.choice(("0", "0", "1"))
        return {"institution_id": institution, "department_code": code, "is_icu": flag, "is_emergency": "0"}

    def _visit(self, batch: Tables) -> None:
        random, self.made = self.random, self.made + 1
        patient = f"P{random.randrange(self.patients + 2)}"
        started = self.now - timedelta(days=random.randint(0, 40 if self.known else 200), hours=random.randint(0, 20))
        ended = started + timedelta(days=random.randint(0, 5))
        visit: Row = {
            "encounter_id": f"E{self.made}",
            "patient_id": patient,
            "institution_id": random.choice(("H1", "H1", "H2", "H3")),
            "department_code": random.choice(("D1", "D2")),
            "encounter_type": random.choice(("inpatient", "inpatient", "outpatient", "emergency")),
            "started_at": text(started),
            "ended_at": random.choice((text(ended), text(ended), None)),
            "discharge_disposition": random.choice(("home", "home", "died", "transfer")),
            "main_diagnosis_code": random.choice(("J44.1", "I10.x", "S72.0", None)),
            "attending_id": random.choice(("A1", "A2")),
            "total_amount": "900.00",
            "fund_amount": random.choice((None, "700.00")),
        }
        batch.setdefault("encounter", []).append(visit)
        if random.random() < 0.3:
            operated: Row = {"encounter_id": visit["encounter_id"], "procedure_code": "51.22", "procedure_name": "手术"}
            batch.setdefault("procedure", []).append(operated | {"performed_at": random.choice((text(ended), None))})
        if random.random() < 0.3:
            noted: Row = {"encounter_id": visit["encounter_id"], "sequence": "1", "diagnosis_code": "S72.0"}
            batch.setdefault("diagnosis", []).append(noted | {"diagnosed_at": random.choice((text(ended), None))})
        for number in range(random.randint(0, 4)):
            self._examine(batch, visit, started + timedelta(hours=9 * number), f"{self.made}.{number}")

    def _examine(self, batch: Tables, visit: Row, moment: datetime, id_: str) -> None:
        random = self.random
        own = {name: visit[name] for name in ("encounter_id", "patient_id", "institution_id")}
        if random.random() < 0.05 and self.known.get("encounter"):
            own["encounter_id"] = random.choice(sorted(self.known["encounter"]))
        item = random.choice(ITEMS)
        ordered = f"{moment:%Y-%m-%d}" if random.random() < 0.2 else text(moment)
        order: Row = own | {
            "order_id": f"O{id_}",
            "item_code": item,
            "body_part": "chest",
            "ordered_at": ordered,
            "performed_at": random.choice((text(moment), None)),
            "status": random.choice(("performed", "performed", "ordered", "failed")),
            "ordering_practitioner_id": random.choice(("A1", None)),
        }
        if random.random() < 0.8:
            batch.setdefault("exam_order", []).append(order)
        if random.random() < 0.8:
            charge: Row = own | {
                "claim_line_id": f"C{id_}",
                "claim_id": "K",
                "order_id": random.choice((f"O{id_}", None)),
                "item_code": item,
                "charged_at": ordered,
                "quantity": "1",
                "unit_price": "120",
                "amount": "120",
                "in_scope_amount": random.choice(("100", None)),
                "fund_amount": random.choice(("80", None)),
            }
            batch.setdefault("claim_line", []).append(charge)
        if random.random() < 0.3:
            self._tell(batch, f"O{id_}", moment, own["patient_id"])

    def _tell(self, batch: Tables, order_id: str, moment: datetime, patient: str | None) -> None:
        report: Row = {
            "report_id": f"R{order_id}",
            "order_id": order_id,
            "patient_id": self.random.choice((patient, None)),
            "reported_at": text(moment + timedelta(hours=self.random.choice((1, 300)))),
            "abnormal": self.random.choice(("1", "0")),
        }
        batch.setdefault("exam_result", []).append(report)

    def _known_row(self, table: str) -> Row | None:
        rows = self.known.get(table)
        return rows[self.random.choice(sorted(rows))] if rows else None

    def _correct(self, batch: Tables) -> None:
        """A later version of a row: another moment or another end."""
        table, column = self.random.choice(
            (("encounter", "ended_at"), ("exam_order", "performed_at"), ("claim_line", "charged_at"))
        )
        if row := self._known_row(table):
            moment = self.now - timedelta(hours=self.random.randint(1, 400))
            batch.setdefault(table, []).append(row | {column: text(moment)})

    def _move(self, batch: Tables) -> None:
        """A row that turns out to be another patient's."""
        table = self.random.choice(("encounter", "exam_order", "claim_line"))
        if row := self._known_row(table):
            batch.setdefault(table, []).append(row | {"patient_id": f"P{self.random.randrange(self.patients)}"})

    def _withdraw(self, batch: Tables) -> None:
        """An order that is called off, or a line that is voided."""
        table, change = self.random.choice((("exam_order", {"status": "cancelled"}), ("claim_line", {"voided": "1"})))
        if row := self._known_row(table):
            batch.setdefault(table, []).append(row | change)

    def _reverse(self, batch: Tables) -> None:
        """A negative line, with or without the line that it undoes."""
        if row := self._known_row("claim_line"):
            self.made += 1
            undone = self.random.choice((row["claim_line_id"], None))
            batch.setdefault("claim_line", []).append(
                row
                | {"claim_line_id": f"X{self.made}", "quantity": "-1", "amount": "-120", "voided": None}
                | {"reverses_claim_line_id": undone, "charged_at": text(self.now), "fund_amount": None}
            )

    def _report(self, batch: Tables) -> None:
        """A report of an earlier order, which names no patient."""
        if row := self._known_row("exam_order"):
            self._tell(batch, str(row["order_id"]), self.now, None)

    def _register(self, batch: Tables) -> None:
        """A hospital or a department that is new or changed."""
        if self.random.random() < 0.5:
            batch.setdefault("institution", []).append(self._institution(self.random.choice(("H2", "H3"))))
        else:
            batch.setdefault("department", []).append(self._department("H2", self.random.choice(("D1", "D3"))))


@worlds
@given(seed=st.integers(0, 2**32))
def test_night_after_night_equals_a_full_run(seed: int, new_house: Callable[..., Any]) -> None:
    house, whole = new_house(), new_house()
    for turn, (batch, as_of) in enumerate(History(seed, patients=14).batches(nights=6 if IS_CAMPAIGN else 2)):
        house.load(batch)
        whole.load(batch)
        night = house.night(as_of)
        assert bool(night.prepared.reason) == (turn == 0), night.prepared.reason
        expected = whole.night(as_of, full=True)
        for name, told in expected.told().items():
            assert night.told()[name] == told, (turn, name)
    house.connection.close()
    whole.connection.close()
