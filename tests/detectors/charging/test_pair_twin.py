"""The slow, obvious twin of charging.pair_conflict: its card word for word, in plain Python, over random histories.

``EXAM_AUDIT_CAMPAIGN=full`` compares thousands. How lines find their orders and stays is the business of others: here
each line names its order, and each stay is one encounter.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from detectors.ascii_tables import ascii_rows
from detectors.charging.pair_conflict import PAIR_CONFLICT
from detectors.specs import Case, Spec, found_by_case

Row = Mapping[str, str | None]
Tables = Mapping[str, Sequence[Row]]

BATCHES = 20 if os.environ.get("EXAM_AUDIT_CAMPAIGN") == "full" else 2
HISTORIES = 150
SESSION_S = 120 * 60
PAIRS_TEXT = """
main_item_code | included_item_code | charge_window | rule_code | valid_from | valid_to
A              | X                  | day           | R1        | -          | -
A              | Y                  | hour          | -         | -          | -
B              | X                  | session       | R1        | 2025-03-03 | -
B              | Y                  | six_hours     | R1        | -          | -
C              | X                  | encounter     | -         | -          | 2025-03-04
C              | Y                  | stay          | R1        | -          | -
X              | Z                  | day           | R1        | -          | -
"""
PAIRS = ascii_rows(PAIRS_TEXT)


def conflicts(tables: Tables) -> set[tuple[str, str, str, str | None]]:
    """(flagged order, index order, grade, exemption) of one set of tables."""
    orders = {row["order_id"]: row for row in tables["exam_order"]}
    types = {row["encounter_id"]: row["encounter_type"] for row in tables["encounter"]}
    lines = [line for line in tables["claim_line"] if line["voided"] != "1"]
    order_of = {str(line["claim_line_id"]): str(line["order_id"]) for line in lines}
    found = set()
    for flagged in lines:
        answers = []
        for pair in PAIRS:
            for index in lines:
                if _is_of_pair(flagged, index, pair) and _is_within(flagged, index, str(pair["charge_window"]), types):
                    answers.append(_answer(flagged, index, pair, orders))
        if answers:
            _, unpublished, _, index_id, exemption, is_midnight = min(answers, key=lambda answer: answer[:4])
            grade = "clue" if unpublished or is_midnight else "suspected"
            found.add((str(flagged["order_id"]), order_of[index_id], grade, exemption))
    return found


def _is_of_pair(flagged: Row, index: Row, pair: Row) -> bool:
    day = str(flagged["charged_at"])[:10]
    starts, ends = pair["valid_from"], pair["valid_to"]
    return (
        (flagged["item_code"], index["item_code"]) == (pair["included_item_code"], pair["main_item_code"])
        and all(flagged[name] == index[name] for name in ("patient_id", "institution_id"))
        and (starts is None or starts <= day)
        and (ends is None or day < ends)
    )


def _is_within(flagged: Row, index: Row, window: str, types: Mapping[str | None, str | None]) -> bool:
    gap, days = (
        _gap(flagged["charged_at"], index["charged_at"]),
        [str(row["charged_at"])[:10] for row in (flagged, index)],
    )
    has_times = all(len(str(row["charged_at"])) > 10 for row in (flagged, index))
    is_one_visit = flagged["encounter_id"] is not None and flagged["encounter_id"] == index["encounter_id"]
    hours = {str(row["charged_at"])[:13] for row in (flagged, index)}
    are_hours_known = has_times and not any(_is_midnight(row) for row in (flagged, index))
    return {
        "day": days[0] == days[1],
        "hour": has_times and len(hours) == 1,
        "six_hours": has_times and gap < 6 * 3600,
        "session": days[0] == days[1] and (gap <= SESSION_S or not are_hours_known),
        "encounter": is_one_visit,
        "stay": is_one_visit and types.get(flagged["encounter_id"]) == "inpatient",
    }[window]


def _answer(
    flagged: Row, index: Row, pair: Row, orders: Mapping[str | None, Row]
) -> tuple[bool, bool, float, str, str | None, bool]:
    """Exempt, unpublished, gap, index line, exemption, posted at midnight: the least of them is the finding."""
    own, other = orders.get(flagged["order_id"]), orders.get(index["order_id"])
    exemption = _exemption(own, other, pair["charge_window"] or "") if own and other else None
    return (
        exemption is not None,
        pair["rule_code"] is None,
        _gap(flagged["charged_at"], index["charged_at"]),
        str(index["claim_line_id"]),
        exemption,
        _is_midnight(flagged) or _is_midnight(index),
    )


def _exemption(own: Row, other: Row, window: str) -> str | None:
    if {own["laterality"], other["laterality"]} == {"L", "R"}:
        return "bilateral"
    if own["body_part"] and other["body_part"] and own["body_part"] != other["body_part"]:
        return "multi_part"
    if not own["performed_at"] or not other["performed_at"]:
        return None
    gap, days = (
        _gap(own["performed_at"], other["performed_at"]),
        {str(row["performed_at"])[:10] for row in (own, other)},
    )
    have_times = all(len(str(row["performed_at"])) > 10 for row in (own, other))
    is_apart = {
        "day": len(days) == 2,
        "hour": have_times and gap >= 3600,
        "six_hours": have_times and gap >= 6 * 3600,
        "session": have_times and gap > SESSION_S,
    }.get(window, False)
    return "separate_sessions" if is_apart else None


def _is_midnight(line: Row) -> bool:
    return str(line["charged_at"]).endswith("T00:00:00")


def _gap(one: str | None, other: str | None) -> float:
    return abs((datetime.fromisoformat(str(one)) - datetime.fromisoformat(str(other))).total_seconds())


def story(random: Random) -> dict[str, tuple[dict[str, str | None], ...]]:
    """Random tables of one patient: moments at the windows' edges, bare dates, midnights, sides, voided lines."""
    moments = [datetime.fromisoformat(random.choice(("2025-03-03T00:00:00", "2025-03-03T08:59:59")))]

    def moment() -> str:
        gaps = (0, 1, 59, 3599, 3600, SESSION_S, SESSION_S + 1, 21_599, 21_600, 86_399, 86_400)
        moments.append(random.choice(moments) + timedelta(seconds=random.choice(gaps)))
        return f"{moments[-1]:%Y-%m-%d}" if random.random() < 0.2 else f"{moments[-1]:%Y-%m-%dT%H:%M:%S}"

    common = {"patient_id": "P1", "institution_id": "H1", "started_at": "2025-03-01T08:00:00"}
    encounters = [
        common | {"encounter_id": f"E{n}", "encounter_type": kind}
        for n, kind in enumerate(random.choices(("inpatient", "outpatient"), k=2))
    ]
    encounters[1]["started_at"] = "2025-02-01T08:00:00"
    orders, lines = [], []
    for n in random.sample(range(100, 1000), random.randint(2, 7)):
        at, item = moment(), random.choice("AABBCCXXYYZ")
        line: dict[str, str | None] = {"claim_line_id": f"C{n}", "claim_id": "K", "patient_id": "P1", "item_code": item}
        line["encounter_id"] = random.choice(("E0", "E0", "E1", None))
        line["institution_id"] = random.choice(("H1", "H1", "H2"))
        line |= {"charged_at": at, "quantity": "1", "unit_price": "9", "amount": "9", "order_id": f"O{n}"}
        line["voided"] = random.choice((None, None, None, "1"))
        order = {name: line[name] for name in ("encounter_id", "patient_id", "institution_id", "item_code", "order_id")}
        order |= {
            "ordered_at": "2025-02-20",
            "status": "performed",
            "performed_at": random.choice((None, at, moment())),
        }
        order["laterality"] = random.choice((None, None, None, "L", "R", "B"))
        order["body_part"] = random.choice((None, None, "chest", "chest", "abdomen"))
        orders.append(order)
        lines.append(line)
    return {"encounter": tuple(encounters), "exam_order": tuple(orders), "claim_line": tuple(lines)}


@settings(max_examples=BATCHES, derandomize=True, database=None, deadline=None, phases=(Phase.generate,))
@given(st.integers(0, 2**32))
def test_question_and_twin_agree_on_random_histories(seed: int) -> None:
    random = Random(seed)
    stories = {f"h{number:03d}": story(random) for number in range(HISTORIES)}
    columns = ("flagged_event_id", "index_event_id", "grade", "exemption_id")
    cases = tuple(Case(id_, "", "", tables, columns, ()) for id_, tables in stories.items())
    found = found_by_case(Spec(PAIR_CONFLICT.id, {"charge_pairs": PAIRS_TEXT}, cases), PAIR_CONFLICT)
    ranking = sum(row["exemption_id"] is None for rows in found.values() for row in rows)
    truth = [exemption for tables in stories.values() for *_, exemption in conflicts(tables)]
    lines = sum(len(tables["claim_line"]) for tables in stories.values())
    print(f"{lines} lines, {truth.count(None)} conflicts, {ranking} found")  # noqa: T201 - the counts, for who asks with -s
    assert ranking >= HISTORIES // 10
    for id_, tables in stories.items():
        told = "\n".join(f"{name} {list(row.values())}" for name, rows in tables.items() for row in rows)
        assert {tuple(row[name] for name in columns) for row in found[id_]} == conflicts(tables), told
