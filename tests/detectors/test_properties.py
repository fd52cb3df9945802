"""What must hold whatever the data: order, threads, windows, late rows and exemptions bend no finding and no lead."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from detectors.ascii_tables import Row
from detectors.catalogue import SHIPPED
from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.leads.grouping import leads_of
from detectors.policy import load_policy
from detectors.prepared import prepare
from detectors.runner import Request, run_detector
from detectors.settings import resolve
from detectors.specs import fill
from schemas.pack import load_pack
from schemas.tables import TABLES

PACK = load_pack("cn-national")
AS_OF = date(2025, 12, 31)
PATIENT_LEVEL = tuple(detector for detector in SHIPPED if detector.judge is None)
BY_INTERVAL = PACK.tables["exam_items"].filter(pl.col("retest_hours_inpatient") > 0).sort("item_code")
ITEMS = BY_INTERVAL.group_by("modality", maintain_order=True).first()["item_code"].to_list()[:4]
PLANNED = PACK.tables["planned_readmission"].filter(pl.col("kind") == "procedure").sort("pattern")["pattern"][0]
MOMENT_OF = {
    "encounter": "started_at",
    "exam_order": "ordered_at",
    "exam_result": "reported_at",
    "claim_line": "charged_at",
    "procedure": "performed_at",
    "diagnosis": "diagnosed_at",
}
Tables = dict[str, list[Row]]

a_few_worlds = settings(max_examples=3, derandomize=True, database=None, deadline=None, phases=(Phase.generate,))
seeds = given(st.integers(0, 2**32))


@dataclass(frozen=True)
class Answer:
    """Findings and leads of one run, also as text that must not change by a byte."""

    findings: pl.DataFrame
    leads: pl.DataFrame
    text: str = field(repr=False)

    @property
    def ids(self) -> set[str]:
        return set(self.findings["finding_id"])


def ask(
    tables: Mapping[str, list[Row]],
    *assignments: str,
    as_of: date = AS_OF,
    window: tuple[date | None, date | None] = (None, None),
    threads: int = 1,
    detectors=PATIENT_LEVEL,
) -> Answer:
    """One whole run: fill, prepare, ask, rank."""
    engine = DuckDBEngine(open_warehouse(None, threads=threads))
    create_tables(engine.connection)
    fill(engine, tables)
    load_policy(engine, PACK)
    prepare(engine, {"as_of": as_of, "default_retest_hours": None})
    present = {name: frozenset(table.column_names) for name, table in TABLES.items()}
    request = Request(as_of, *window, (), resolve(detectors, {}, assignments), present, {})
    outcomes = [run_detector(engine, detector, PACK, request) for detector in detectors]
    engine.connection.close()
    assert {outcome.row["status"] for outcome in outcomes} == {"ran"}
    findings = pl.concat([outcome.findings for outcome in outcomes])
    leads = leads_of(findings, detectors)
    denominators = pl.concat([outcome.denominators for outcome in outcomes])
    return Answer(findings, leads, "\n".join(frame.write_json() for frame in (findings, leads, denominators)))


def world(random: Random, patients: int = 25) -> Tables:
    """A year of stays that follow one another, with examinations, charges, operations and results in them."""
    made: Tables = {name: [] for name in MOMENT_OF}
    for number in range(patients):
        moment = datetime(2025, 1, 1, 8) + timedelta(days=random.randint(0, 250))  # noqa: DTZ001
        for turn in range(random.randint(1, 4)):
            ended = moment + timedelta(days=random.randint(1, 9))
            id_ = f"E{number:02d}{turn}"
            made["encounter"].append(_encounter(random, id_, f"P{number:02d}", moment, ended))
            _examine(random, made, made["encounter"][-1], moment)
            moment = ended + timedelta(days=random.choice((0, 1, 5, 15, 16, 40)))
    return made


def _encounter(random: Random, id_: str, patient: str, started: datetime, ended: datetime) -> Row:
    return {
        "encounter_id": id_,
        "patient_id": patient,
        "institution_id": random.choice(("H1", "H1", "H2")),
        "department_code": random.choice(("D1", "D2")),
        "encounter_type": random.choice(("inpatient", "inpatient", "inpatient", "outpatient", "emergency")),
        "started_at": f"{started:%Y-%m-%dT%H:%M:%S}",
        "ended_at": f"{ended:%Y-%m-%dT%H:%M:%S}",
        "discharge_disposition": random.choice(("home", "home", "home", "transfer", "against_advice", "died")),
        "main_diagnosis_code": random.choice(("J44.1", "I10.x", "S72.0", "O80.0", None)),
        "attending_id": "A1",
        "total_amount": str(random.randint(1, 9) * 1000),
        "fund_amount": random.choice((None, "700.00")),
    }


def _examine(random: Random, made: Tables, encounter: Row, started: datetime) -> None:
    own = {name: encounter[name] for name in ("encounter_id", "patient_id", "institution_id")}
    moment, item = started - timedelta(hours=random.choice((0, 0, 40))), random.choice(ITEMS)
    for number in range(random.randint(0, 5)):
        moment += timedelta(hours=random.choice((1, 5, 20, 30, 100)))
        when = f"{moment:%Y-%m-%d}" if random.random() < 0.2 else f"{moment:%Y-%m-%dT%H:%M:%S}"
        order_id = f"O{own['encounter_id']}{number}"
        examined = {"order_id": order_id, "item_code": item, "body_part": "chest", "ordered_at": when}
        done = f"{moment + timedelta(hours=random.choice((0, 0, 0, 50))):%Y-%m-%dT%H:%M:%S}"
        made["exam_order"].append(own | examined | {"performed_at": done, "status": random.choice((None, "performed"))})
        if random.random() < 0.7:
            line = own | _charge(random, f"C{order_id}", order_id, item, when)
            made["claim_line"] += [line, _reversed(line, moment + timedelta(days=9))][: random.choice((1, 1, 1, 2))]
        if random.random() < 0.2:
            report = {"report_id": f"R{order_id}", "order_id": order_id, "reported_at": done, "abnormal": "1"}
            made["exam_result"].append(report)
        if random.random() < 0.1:
            operation = {"procedure_code": random.choice((f"5{number}.1", PLANNED)), "performed_at": done}
            made["procedure"].append({"encounter_id": own["encounter_id"]} | operation | {"procedure_name": "手术"})
        if random.random() < 0.1:
            written = {
                "sequence": str(number),
                "diagnosis_code": random.choice(("S72.0", "Z51.1")),
                "diagnosed_at": done,
            }
            made["diagnosis"].append({"encounter_id": own["encounter_id"]} | written)


def _charge(random: Random, id_: str, order_id: str, item: str, when: str) -> Row:
    amount = str(random.choice((25, 25, 120, 480)))
    whole = {"claim_line_id": id_, "claim_id": "K", "order_id": order_id, "item_code": item, "charged_at": when}
    fund = random.choice((None, amount))
    return whole | {"quantity": "1", "unit_price": amount, "amount": amount, "fund_amount": fund}


def _reversed(line: Row, moment: datetime) -> Row:
    whole = {name: f"-{line[name]}" for name in ("quantity", "amount")}
    pointer = {"claim_line_id": f"{line['claim_line_id']}-", "reverses_claim_line_id": line["claim_line_id"]}
    return line | whole | pointer | {"charged_at": f"{moment:%Y-%m-%dT%H:%M:%S}"}


def shuffled(tables: Tables, random: Random) -> Tables:
    return {name: random.sample(rows, len(rows)) for name, rows in tables.items()}


def doctors() -> Tables:
    """Twenty-one doctors with one examination a visit, and one with two."""
    made: Tables = {"encounter": [], "exam_order": []}
    for number in range(22):
        for visit in range(36):
            day = f"2025-{visit % 12 + 1:02d}-{visit // 12 + 1:02d}"
            own = {
                "encounter_id": f"V{number}-{visit}",
                "patient_id": f"Q{number}-{visit % 12}",
                "institution_id": "H9",
            }
            kind = {"encounter_type": "outpatient", "started_at": f"{day}T09:00:00", "department_code": "D9"}
            made["encounter"].append(own | kind | {"attending_id": f"D{number}"})
            for turn in range(2 if number == 0 else 1):
                order = {"order_id": f"{own['encounter_id']}-{turn}", "item_code": f"X{turn}"}
                done = {"ordered_at": f"{day}T09:10:00", "performed_at": f"{day}T10:00:00", "status": "performed"}
                made["exam_order"].append(own | order | done | {"ordering_practitioner_id": f"D{number}"})
    return made


@a_few_worlds
@seeds
def test_row_order_and_threads_are_irrelevant(seed: int) -> None:
    random = Random(seed)
    tables = world(random)
    answer = ask(tables)
    assert answer.findings.height > 10
    assert ask(shuffled(tables, random)).text == answer.text
    assert ask(shuffled(tables, random), threads=2).text == answer.text


def test_row_order_and_threads_are_irrelevant_to_the_outlier_list_beside_all_others() -> None:
    tables, more = world(Random(1)), doctors()
    together = {name: [*rows, *more.get(name, [])] for name, rows in tables.items()}
    answer = ask(together, detectors=SHIPPED)
    found = set(answer.findings["detector_id"])
    assert found >= {"ordering.outlier_practitioner", "readmission.cycle", "repeat.same_institution"}
    assert ask(shuffled(together, Random(2)), threads=2, detectors=SHIPPED).text == answer.text


@a_few_worlds
@seeds
def test_a_wider_window_never_flags_fewer(seed: int) -> None:
    tables = world(Random(seed))
    narrow, wide = "readmission.cycle.window_days=5", "readmission.cycle.window_days=31"
    short, long = "repeat.same_institution.interval_scale_pct=30", "repeat.same_institution.interval_scale_pct=300"
    few, many = ask(tables, narrow, short), ask(tables, wide, long)
    assert few.ids < many.ids
    months = (date(2025, 3, 1), date(2025, 4, 30)), (date(2025, 2, 1), date(2025, 6, 30))
    inside, around = (ask(tables, window=window) for window in months)
    assert inside.ids <= around.ids <= ask(tables).ids
    for answer, (first, last) in zip((inside, around), months, strict=True):
        on = answer.findings["occurred_at"].dt.date()
        assert answer.findings.is_empty() or (on.min() >= first and on.max() <= last)


@a_few_worlds
@seeds
def test_rows_after_as_of_never_alter_an_answer(seed: int) -> None:
    tables, as_of = world(Random(seed), patients=60), date(2025, 6, 15)
    known = {
        name: [row for row in rows if (row[MOMENT_OF[name]] or "") <= f"{as_of}T99"] for name, rows in tables.items()
    }
    assert sum(map(len, known.values())) < sum(map(len, tables.values()))
    answer = ask(known, as_of=as_of)
    assert not answer.findings.is_empty()
    assert ask(tables, as_of=as_of).text == answer.text


@a_few_worlds
@seeds
def test_an_exempt_finding_is_kept_and_counted_and_never_ranks(seed: int) -> None:
    answer = ask(world(Random(seed)))
    exempt = answer.findings.filter(pl.col("exemption_id").is_not_null())
    ranked = {step["finding_id"] for text in answer.leads["explanation"] for step in json.loads(text)["steps"]}
    assert not exempt.is_empty()
    assert ranked.isdisjoint(exempt["finding_id"])
    open_subjects = set(answer.findings.filter(pl.col("exemption_id").is_null())["subject_id"])
    assert set(answer.leads["subject_id"]) == open_subjects
    led = exempt.filter(pl.col("subject_id").is_in(open_subjects))
    assert answer.leads["exempt_count"].sum() == led.height


@a_few_worlds
@seeds
def test_late_lines_never_rename_a_lead(seed: int) -> None:
    random = Random(seed)
    tables = world(random)
    late: Tables = {name: [*rows] for name, rows in tables.items()}
    for number, order in enumerate(random.sample(tables["exam_order"], 10)):
        own = [row for row in tables["exam_order"] if row["patient_id"] == order["patient_id"]]
        last = max(str(row["performed_at"] or row["ordered_at"])[:10] for row in own)
        later = f"{datetime.fromisoformat(last) + timedelta(hours=400):%Y-%m-%dT%H:%M:%S}"
        if later < "2026":
            late["exam_order"].append(order | {"order_id": f"ZZ{number}", "ordered_at": later, "performed_at": later})
    for number, stay in enumerate(random.sample(tables["encounter"], 5)):
        last = max(str(row["ended_at"]) for row in tables["encounter"] if row["patient_id"] == stay["patient_id"])
        began = datetime.fromisoformat(last) + timedelta(days=3)
        times = {
            "started_at": f"{began:%Y-%m-%dT%H:%M:%S}",
            "ended_at": f"{began + timedelta(days=2):%Y-%m-%dT%H:%M:%S}",
        }
        late["encounter"].append(stay | times | {"encounter_id": f"ZZ{number}", "encounter_type": "inpatient"})
    before, after = ask(tables), ask(late)
    assert set(before.leads["lead_id"]) <= set(after.leads["lead_id"])
    assert before.ids <= after.ids


@a_few_worlds
@seeds
def test_leads_stand_in_the_order_of_their_scores(seed: int) -> None:
    leads = ask(world(Random(seed))).leads
    assert leads["rank"].to_list() == list(range(1, leads.height + 1))
    keys = [(-score, lead_id) for score, lead_id in leads.select("score", "lead_id").rows()]
    assert keys == sorted(keys)
    for score, text in leads.select("score", "explanation").rows():
        told = json.loads(text)
        assert round(sum(step["contribution"] for step in told["steps"]) + told["more_contribution"], 2) == score
