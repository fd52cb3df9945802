"""The slow, obvious twin of repeat.same_institution: DESIGN §4.7 word for word (exam event, repeat), in Python."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from detectors.ascii_tables import ascii_rows

Row = Mapping[str, str | None]
Tables = Mapping[str, Sequence[Row]]

IMAGING = {"CT", "MR", "DR", "US", "MG", "NM", "PETCT", "PETMR", "DSA"}
NOT_EXAMINATIONS = {"床位费", "bed"}
DAY_S = 86_400
ITEMS_TEXT = """
item_code | item_name | family | modality | body_part | retest_hours_inpatient | retest_hours_outpatient
CT        | CT        | ct     | CT       | -         | 168                    | 168
CTE       | CTE       | ct     | CT       | chest     | 72                     | 168
CBC       | CBC       | cbc    | LAB      | -         | 24                     | 12
TNI       | TNI       | tni    | LAB      | -         | -                      | 12
NIL       | NIL       | nil    | LAB      | -         | -                      | -
"""
ITEM_MAP_TEXT = """
local_item_code | item_code
L-CBC           | CBC
"""
LOCAL_CODES = {"L-CBC": "CBC"}


ITEMS = {str(row["item_code"]): row for row in ascii_rows(ITEMS_TEXT)}


@dataclass(frozen=True)
class Charge:
    """A charged line, net of what reversed it."""

    line: Row
    net_quantity: float


@dataclass(frozen=True)
class Event:
    """An examination that took place."""

    id: str
    patient: str
    family: str
    part: str | None
    side: str | None
    place: str
    at_s: int
    has_time: bool
    interval_h: float | None
    is_part_unknown: bool

    @property
    def turn(self) -> tuple[int, bool, str]:
        """Its place among the others: by second, a bare date before its midnight, then by id."""
        return self.at_s, self.has_time, self.id

    @property
    def until_s(self) -> int:
        """The last second at which it may have taken place."""
        return self.at_s + (0 if self.has_time else DAY_S - 1)


def _is_at_once(one: Event, other: Event) -> bool:
    """Two sides examined at one known moment: neither comes before the other."""
    return one.has_time and other.has_time and one.at_s == other.at_s


def repeats(tables: Tables) -> set[tuple[str, str]]:
    """(flagged event, index event) of one set of tables."""
    events = _merged([*_ordered(tables), *_charged_only(tables)])
    found = set()
    for flagged in events:
        before = [
            other
            for other in events
            if _is_of_one_series(other, flagged) and other.turn < flagged.turn and not _is_at_once(other, flagged)
        ]
        if flagged.is_part_unknown or flagged.interval_h is None or not before:
            continue
        index = max(before, key=lambda other: other.turn)
        if 0 < flagged.until_s - index.at_s < flagged.interval_h * 3600:
            found.add((flagged.id, index.id))
    return found


def _is_of_one_series(one: Event, other: Event) -> bool:
    sides = {one.side, other.side}
    return (
        (one.patient, one.family, one.part, one.place) == (other.patient, other.family, other.part, other.place)
        and (one.side == other.side or ("B" in sides and bool(sides & {"L", "R"})))
        and not one.is_part_unknown
    )


def _merged(events: Sequence[Event]) -> list[Event]:
    """Events of one patient, family, part and side at the same known moment are one event with the least id."""
    kept = {}
    for event in sorted(events, key=lambda event: event.id):
        moment = (event.at_s, "") if event.has_time else (event.at_s, event.id)
        kept.setdefault((event.patient, event.family, event.part, event.side, moment), event)
    return list(kept.values())


def _ordered(tables: Tables) -> Iterator[Event]:
    lines_of = _lines_of_orders(tables)
    reported = {row["order_id"] for row in tables["exam_result"]}
    for order in tables["exam_order"]:
        own = [
            charge
            for charge in _charges(tables["claim_line"])
            if lines_of.get(charge.line["claim_line_id"]) == order["order_id"]
        ]
        charged = [charge.line["charged_at"] for charge in own if charge.net_quantity > 0]
        is_done = order["performed_at"] or order["order_id"] in reported or charged or order["status"] == "performed"
        if order["status"] in ("cancelled", "failed") or not is_done or (own and not charged):
            continue
        when = order["performed_at"] or min(charged, key=_earliest_first, default=None) or order["ordered_at"]
        outside = [charge.line["external_institution_id"] for charge in own if charge.line["external_institution_id"]]
        place = order["performing_institution_id"] or max(outside, default=None) or order["institution_id"]
        yield _event(order, str(order["order_id"]), str(when), str(place), tables)


def _charged_only(tables: Tables) -> Iterator[Event]:
    lines_of = _lines_of_orders(tables)
    for charge in _charges(tables["claim_line"]):
        line = charge.line
        if charge.net_quantity <= 0 or line["claim_line_id"] in lines_of:
            continue
        if _code(line) not in ITEMS and line["charge_category"] in NOT_EXAMINATIONS:
            continue
        place = line["external_institution_id"] or line["institution_id"]
        yield _event(line, str(line["claim_line_id"]), str(line["charged_at"]), str(place), tables)


def _event(row: Row, id_: str, when: str, place: str, tables: Tables) -> Event:
    code = _code(row)
    item = ITEMS.get(code, {})
    own_part = row.get("body_part")
    part = own_part.strip().lower() if own_part else item.get("body_part")
    return Event(
        id=id_,
        patient=str(row["patient_id"]),
        family=item.get("family") or code,
        part=part,
        side=row.get("laterality"),
        place=place,
        at_s=seconds(when),
        has_time=len(when) > 10,
        interval_h=_interval(row, tables, item),
        is_part_unknown=part is None and item.get("modality") in IMAGING,
    )


def _interval(row: Row, tables: Tables, item: Row) -> float | None:
    """In-patient interval in hospital, the out-patient one elsewhere, the smaller where the setting is unknown."""
    inside, outside = (
        float(hours) if (hours := item.get(f"retest_hours_{setting}")) is not None else None
        for setting in ("inpatient", "outpatient")
    )
    for encounter in tables["encounter"]:
        if row["encounter_id"] is not None and encounter["encounter_id"] == row["encounter_id"]:
            return inside if encounter["encounter_type"] == "inpatient" else outside
    return min((hours for hours in (inside, outside) if hours is not None), default=None)


def _lines_of_orders(tables: Tables) -> dict[str | None, str | None]:
    """Line → its order: by order id, else by encounter, item and day, the k-th line to the k-th (or last) order."""
    known = {order["order_id"] for order in tables["exam_order"]}
    lines = [charge.line for charge in _charges(tables["claim_line"])]
    matched = {line["claim_line_id"]: line["order_id"] for line in lines if line["order_id"] in known}
    with_line = set(matched.values())
    rest = sorted(
        (line for line in lines if line["claim_line_id"] not in matched and line["encounter_id"]),
        key=lambda line: str(line["claim_line_id"]),
    )
    turns: dict[tuple[str | None, str, str], int] = {}
    for line in rest:
        code, day = _code(line), str(line["charged_at"])[:10]
        orders = sorted(
            (order["order_id"] in with_line, str(order["order_id"]))
            for order in tables["exam_order"]
            if order["encounter_id"] == line["encounter_id"]
            and _code(order) == code
            and day in (str(order["ordered_at"])[:10], str(order["performed_at"])[:10])
        )
        turn = turns.get((line["encounter_id"], code, day), 0)
        turns[line["encounter_id"], code, day] = turn + 1
        if orders:
            matched[line["claim_line_id"]] = orders[min(turn, len(orders) - 1)][1]
    return matched | _left_over(tables, matched)


def _left_over(tables: Tables, matched: Mapping[str | None, str | None]) -> dict[str | None, str | None]:
    """Line → order where both are alone and either has no encounter: by patient, institution, item and day."""
    charges = [charge for charge in _charges(tables["claim_line"]) if charge.line["claim_line_id"] not in matched]
    orders = [order for order in tables["exam_order"] if order["order_id"] not in set(matched.values())]
    pairs: dict[tuple[object, ...], list[tuple[Charge, Row]]] = {}
    for charge, order in itertools.product(charges, orders):
        line, day = charge.line, str(charge.line["charged_at"])[:10]
        is_open = line["encounter_id"] is None or order["encounter_id"] is None
        is_that_day = day in (str(order["ordered_at"])[:10], str(order["performed_at"])[:10])
        own = (line["patient_id"], line["institution_id"], _code(line))
        if is_open and is_that_day and own == (order["patient_id"], order["institution_id"], _code(order)):
            pairs.setdefault((*own, day), []).append((charge, order))
    found = {}
    for pair in pairs.values():
        line_turns = sorted(
            {(c.line["encounter_id"] is None, c.net_quantity <= 0, str(c.line["claim_line_id"])) for c, _ in pair}
        )
        order_turns = sorted({(o["encounter_id"] is not None, str(o["order_id"])) for _, o in pair})
        possible = {(str(c.line["claim_line_id"]), str(o["order_id"])) for c, o in pair}
        for (*_, line_id), (_, order_id) in zip(line_turns, order_turns, strict=False):
            if (line_id, order_id) in possible:
                found[line_id] = order_id
    return found


def _charges(lines: Sequence[Row]) -> list[Charge]:
    """Charged lines with what is left of them: nothing of a voided one, else less what reversed it."""
    undone: dict[str | None, float] = {}
    pointed_to = {line["reverses_claim_line_id"] for line in lines if not _is_voided(line)}
    for line in lines:
        if not _is_voided(line) and line["reverses_claim_line_id"]:
            undone[line["reverses_claim_line_id"]] = undone.get(line["reverses_claim_line_id"], 0) + abs(
                _quantity(line)
            )
    unpointed = [line for line in lines if not _is_voided(line) and not line["reverses_claim_line_id"]]
    open_lines = [line for line in unpointed if line["claim_line_id"] not in pointed_to]
    in_turn = sorted(open_lines, key=lambda line: (_turn_s(line), _quantity(line) < 0, str(line["claim_line_id"])))
    stacks: dict[tuple[object, ...], list[str | None]] = {}
    for line in in_turn:
        stack = stacks.setdefault((*_match(line, unpointed), abs(_quantity(line))), [])
        if _quantity(line) > 0:
            stack.append(line["claim_line_id"])
        elif stack:
            undone[stack.pop()] = abs(_quantity(line))
    return [
        Charge(line, 0 if _is_voided(line) else max(0, _quantity(line) - undone.get(line["claim_line_id"], 0)))
        for line in lines
        if not line["reverses_claim_line_id"] and _quantity(line) >= 0
    ]


def _match(line: Row, lines: Sequence[Row]) -> tuple[object, ...]:
    """What a reversal without pointer must share with its charge: order, else encounter or claim, else the item."""
    own = _own_match(line, lines)
    signs = {_quantity(other) < 0 for other in lines if _own_match(other, lines) == own}
    return own if signs == {True, False} else ("item", line["patient_id"], line["institution_id"], line["item_code"])


def _own_match(line: Row, lines: Sequence[Row]) -> tuple[object, ...]:
    own = (line["patient_id"], line["institution_id"], line["item_code"], line["order_id"])
    of_order = [
        other
        for other in lines
        if own == (other["patient_id"], other["institution_id"], other["item_code"], other["order_id"])
    ]
    signs = {_quantity(other) < 0 for other in of_order}
    if line["order_id"] and signs == {True, False}:
        return ("order", *own)
    return (line["patient_id"], line["institution_id"], line["encounter_id"] or line["claim_id"], line["item_code"])


def _turn_s(line: Row) -> int:
    """A reversal on a bare date comes last on its day, a charge first."""
    when = str(line["charged_at"])
    return seconds(when) + (DAY_S - 1 if _quantity(line) < 0 and len(when) == 10 else 0)


def _code(row: Row) -> str:
    """The pack's item code of a row."""
    return LOCAL_CODES.get(str(row["item_code"]), str(row["item_code"]))


def _quantity(line: Row) -> float:
    return float(str(line["quantity"]))


def _is_voided(line: Row) -> bool:
    return line["voided"] == "1"


def seconds(when: str) -> int:
    """Seconds of local wall time since 1970 of an ISO moment or bare date."""
    return int((datetime.fromisoformat(when) - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001


def _earliest_first(when: str | None) -> tuple[int, int]:
    """A bare date comes before the same midnight known to the second."""
    return seconds(str(when)), len(str(when))
