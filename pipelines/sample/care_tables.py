"""Canonical rows of what happened: encounters, diagnoses, procedures, orders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.sample.encounters import DISPOSITIONS, ENCOUNTER_TYPES, INPATIENT, INSURED, PAYERS, SELF_PAID
from pipelines.sample.exams import Items, written_codes
from pipelines.sample.identities import choices, flags, money, nulls, numbered, ranks
from pipelines.sample.institutions import TYPES
from pipelines.sample.medicine import DIAGNOSES
from pipelines.sample.moments import DAY, HOUR, YEAR_END, Flags, Ints, blank, moment_text
from pipelines.sample.orders import CHARGE_ONLY, CHARGED, PERFORMED, SIDES, STATUSES, URGENCIES
from pipelines.sample.population import People
from pipelines.sample.world import World, department_codes, device_ids, institution_ids, practitioner_ids


@dataclass(frozen=True)
class Block:
    """One block of patients while it is written.

    Attributes:
        number: of the block.
        rng: dice of everything that is only decoration.
        world, people, items: what the rows refer to.
        encounters: ``ENCOUNTER_SCHEMA`` and ``id``, sorted by id.
        orders: ``ORDER_SCHEMA``, ``id`` and ``at``, the minute of the examination, sorted by id.
    """

    number: int
    rng: np.random.Generator
    world: World
    people: People
    items: Items
    encounters: pl.DataFrame
    orders: pl.DataFrame

    def encounter_ids(self, keys: Ints) -> pl.Series:
        """Encounter ids by key; null where the key is −1."""
        lookup = np.zeros(int(self.encounters["key"].to_numpy().max(initial=0)) + 1, dtype=np.int64)
        lookup[self.encounters["key"].to_numpy()] = np.arange(self.encounters.height)
        ids = self.encounters["id"].gather(lookup[np.maximum(keys, 0)])
        return blank(ids, keys < 0)

    def patient_ids(self, places: Ints) -> pl.Series:
        """Patient ids by place in the block."""
        return self.people.ids.gather(places)


def identified(number: int, encounters: pl.DataFrame, orders: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both frames with ids, sorted by them: encounters by start, orders by the minute they were ordered."""
    rank = ranks(encounters["start"].to_numpy(), encounters["key"].to_numpy())
    encounters = encounters.with_columns(numbered("E", number, rank).alias("id"), pl.Series(rank).alias("rank"))
    rank = ranks(orders["ordered"].to_numpy(), orders["encounter"].to_numpy(), orders["item"].to_numpy())
    orders = orders.with_columns(numbered("O", number, rank).alias("id"), pl.Series(rank).alias("rank"))
    return encounters.sort("rank").drop("rank"), orders.sort("rank").drop("rank")


def encounter_table(block: Block, totals: pl.DataFrame) -> pl.DataFrame:
    """Canonical encounters; ``totals`` has total_fen and fund_fen in the order of the encounters."""
    return pl.DataFrame(_course(block) | _settlement(block, totals))


def _course(block: Block) -> dict[str, pl.Series]:
    """Who came where, when, with what, and how it ended."""
    e, rng = block.encounters, block.rng
    kind, end = e["type"].to_numpy(), e["end"].to_numpy()
    is_stay, bare = kind == INPATIENT, e["is_bare"].to_numpy()
    is_open = end >= YEAR_END
    no_end = is_open | (~is_stay & (rng.random(e.height) < 0.3))
    is_first = e.select(pl.int_range(pl.len()).over("patient", "diagnosis") == 0).to_series().to_numpy()
    lost = rng.random((3, e.height))
    ending = np.where(is_stay & ~is_open, e["disposition"].to_numpy(), -1)
    return {
        "encounter_id": e["id"],
        "patient_id": block.patient_ids(e["patient"].to_numpy()),
        "institution_id": institution_ids(e["place"].to_numpy()),
        "department_code": department_codes(e["department"].to_numpy()),
        "encounter_type": choices(ENCOUNTER_TYPES, kind),
        "visit_kind": choices(("first", "follow_up"), np.where(is_stay | (lost[0] < 0.03), -1, ~is_first)),
        "case_no": _case_numbers(block, is_stay),
        "is_interim": flags(e["is_interim"].to_numpy(), ~is_stay),
        "started_at": moment_text(e["start"].to_numpy(), bare),
        "ended_at": moment_text(end, bare, no_end),
        "discharge_disposition": choices(DISPOSITIONS, ending),
        "transfer_from_encounter_id": block.encounter_ids(e["transfer_from"].to_numpy()),
        "admission_diagnosis_code": blank(e["diagnosis"], ~is_stay),
        "chief_complaint": nulls(e.height),
        "main_diagnosis_code": blank(e["diagnosis"], ~e["is_planted"].to_numpy() & (lost[1] < 0.01)),
        "main_diagnosis_name": e["diagnosis_name"],
        "readmission_plan_31d": flags(e["plan"].to_numpy(), ~is_stay),
        "readmission_plan_purpose": e["plan_purpose"],
        "attending_id": blank(practitioner_ids(e["doctor"].to_numpy()), lost[2] < 0.005),
    }


PAYS_HIMSELF = 2
"""The scheme of a patient who pays all himself."""


def schemes(block: Block) -> Ints:
    """Scheme of each encounter: the patient's, unless the encounter says otherwise who pays."""
    own, payer = block.people.insurance[block.encounters["patient"].to_numpy()], block.encounters["payer"].to_numpy()
    insured = np.where(own == PAYS_HIMSELF, 0, own)
    return np.select([payer == SELF_PAID, payer == INSURED], [np.full(own.size, PAYS_HIMSELF), insured], own)


def _settlement(block: Block, totals: pl.DataFrame) -> dict[str, pl.Series]:
    """Who pays, how, and how much."""
    e = block.encounters
    is_stay = e["type"].to_numpy() == INPATIENT
    pays_himself = schemes(block) == PAYS_HIMSELF
    return {
        "drg_code": nulls(e.height),
        "dip_code": nulls(e.height),
        "payer": choices(PAYERS, pays_himself.astype(np.int64)),
        "payment_method": choices(("fee_for_service", "drg"), np.where(pays_himself, -1, is_stay)),
        "is_cross_region": flags(_is_cross_region(block)),
        "total_amount": money(totals["total_fen"].to_numpy()),
        "fund_amount": money(totals["fund_fen"].to_numpy(), pays_himself),
    }


def _is_cross_region(block: Block) -> Flags:
    district = block.encounters["place"].to_numpy() // (block.world.institutions // block.world.districts)
    return np.asarray(district != block.people.district[block.encounters["patient"].to_numpy()])


def _case_numbers(block: Block, is_stay: Flags) -> pl.Series:
    """One case number for each stay, shared by its settled parts."""
    first = block.encounters.select(pl.col("id").first().over("case")).to_series()
    return blank("Z" + first.str.slice(1), ~is_stay)


def diagnosis_table(block: Block, planted: pl.DataFrame) -> pl.DataFrame:
    """The main diagnosis of each encounter, a second one for some, and those of planted cases (with their times)."""
    e, rng = block.encounters, block.rng
    main = _diagnosis_rows(e, e["diagnosis"], e["diagnosis_name"], 1, e["start"].to_numpy())
    lasting = block.people.chronic[e["patient"].to_numpy()]
    second = (lasting >= 0) & (lasting != e["illness"].to_numpy()) & (rng.random(e.height) < 0.5)
    second &= ~e["is_planted"].to_numpy()
    codes = pl.Series([diagnosis.code for diagnosis in DIAGNOSES]).gather(np.maximum(lasting, 0))
    names = pl.Series([diagnosis.name for diagnosis in DIAGNOSES]).gather(np.maximum(lasting, 0))
    keep = pl.Series(second)
    more = _diagnosis_rows(e.filter(keep), codes.filter(keep), names.filter(keep), 2, e["start"].to_numpy()[second])
    rest = planted.join(e.select("key", "id", "type"), on="key", maintain_order="left")
    extra = _diagnosis_rows(rest, rest["code"], rest["name"], 3, rest["at"].to_numpy())
    return pl.concat([main, more, extra]).sort("encounter_id", "sequence")


def _diagnosis_rows(source: pl.DataFrame, codes: pl.Series, names: pl.Series, sequence: int, at: Ints) -> pl.DataFrame:
    is_stay = source["type"].to_numpy() == INPATIENT
    return pl.DataFrame(
        {
            "encounter_id": source["id"],
            "sequence": pl.Series(np.full(source.height, sequence, dtype=np.int64)),
            "diagnosis_code": codes,
            "diagnosis_name": names,
            "diagnosed_at": moment_text(at),
            "present_on_admission": flags(np.full(source.height, sequence < 3), ~is_stay),
        }
    )


def procedure_table(block: Block, planted: pl.DataFrame) -> pl.DataFrame:
    """The usual operation of some stays, and the operations and transfusions of planted cases."""
    e, rng = block.encounters, block.rng
    operation = [diagnosis.operation for diagnosis in DIAGNOSES]
    has = np.array([*[item is not None for item in operation], False])[e["illness"].to_numpy()]
    has &= (e["type"].to_numpy() == INPATIENT) & (rng.random(e.height) < 0.6) & ~e["is_interim"].to_numpy()
    has &= ~e["is_planted"].to_numpy()
    has &= e["end"].to_numpy() < YEAR_END
    done = e.filter(pl.Series(has))
    illness = done["illness"].to_numpy()
    at = np.minimum(done["start"].to_numpy() // DAY * DAY + DAY + 10 * HOUR, done["end"].to_numpy() - 30)
    usual = pl.DataFrame(
        {
            "encounter_id": done["id"],
            "procedure_code": choices(tuple(item[0] if item else "" for item in operation), illness),
            "procedure_name": choices(tuple(item[1] if item else "" for item in operation), illness),
            "performed_at": moment_text(np.maximum(at, done["start"].to_numpy())),
        }
    )
    rest = planted.join(e.select("key", "id"), on="key", maintain_order="left")
    extra = pl.DataFrame(
        {
            "encounter_id": rest["id"],
            "procedure_code": rest["code"],
            "procedure_name": rest["name"],
            "performed_at": moment_text(rest["at"].to_numpy()),
        }
    )
    return pl.concat([usual, extra]).sort("encounter_id", "procedure_code", "performed_at")


def order_table(block: Block) -> pl.DataFrame:
    """Canonical orders: every order but those of which only the charge is known."""
    o, rng, items = block.orders, block.rng, block.items
    count = o.height
    item, place = o["item"].to_numpy(), o["place"].to_numpy()
    is_lab, bare = items.is_lab[item], o["is_bare"].to_numpy()
    done = o["status"].to_numpy() == PERFORMED
    performing = o["performing"].to_numpy()
    device = _devices(block, item, np.where(performing >= 0, performing, place))
    lost = np.where(o["tag"].to_numpy() >= 0, 1.0, rng.random((6, count)))
    no_visit = (o["charge"].to_numpy() == CHARGED) & (lost[3] < 0.004)
    no_performed = ~o["has_performed"].to_numpy()
    return pl.DataFrame(
        {
            "order_id": o["id"],
            "encounter_id": blank(block.encounter_ids(o["encounter"].to_numpy()), no_visit),
            "patient_id": block.patient_ids(o["patient"].to_numpy()),
            "institution_id": institution_ids(place),
            "item_code": written_codes(items, item, place),
            "item_name": blank(items.frame["item_name"].gather(item), lost[4] < 0.01),
            "body_part": blank(items.frame["body_part"].gather(item), ~o["has_part"].to_numpy()),
            "laterality": choices(SIDES, o["side"].to_numpy()),
            "specimen_type": choices(("血液",), np.where(is_lab, 0, -1)),
            "specimen_id": blank(_specimen_ids(o), ~is_lab | ~done | (lost[0] < 0.1)),
            "ordering_practitioner_id": blank(practitioner_ids(o["doctor"].to_numpy()), lost[5] < 0.008),
            "ordering_department_code": department_codes(o["department"].to_numpy()),
            "ordered_at": moment_text(o["ordered"].to_numpy(), bare),
            "performed_at": moment_text(o["performed"].to_numpy(), bare, no_performed),
            "performing_institution_id": blank(institution_ids(np.maximum(performing, 0)), performing < 0),
            "performing_department_code": department_codes(np.where(is_lab, 17, 19)),
            "operator_id": blank(
                practitioner_ids(block.world.first_technician[place] + ~is_lab), ~done | (lost[1] < 0.05)
            ),
            "device_id": blank(device_ids(np.maximum(device, 0)), (device < 0) | ~done | (lost[2] < 0.05)),
            "urgency": choices(URGENCIES, o["urgency"].to_numpy()),
            "indication": nulls(count),
            "reexam_reason": o["reason"],
            "status": choices(STATUSES, o["status"].to_numpy()),
        }
    ).filter(pl.Series(o["charge"].to_numpy() != CHARGE_ONLY))


def _specimen_ids(orders: pl.DataFrame) -> pl.Series:
    """An id of its own for each order, shared within a planted case by those of one specimen; null for none."""
    own = "S" + pl.col("id").str.slice(1)
    shared = (
        pl.when(pl.col("tag") >= 0, pl.col("specimen") == "-").then(None).otherwise(own.min().over("tag", "specimen"))
    )
    return orders.select(pl.when(pl.col("tag") < 0).then(own).otherwise(shared).alias("specimen_id"))["specimen_id"]


def _devices(block: Block, item: Ints, place: Ints) -> Ints:
    """A device of the item's type at the performing institution; −1 where it has none."""
    types = [TYPES.index(name) for name in block.items.frame["device_type"].fill_null("OTHER").to_list()]
    kind = np.array(types)[item]
    first, count = block.world.device[place, kind], block.world.devices[place, kind]
    return np.where(first >= 0, first + (block.rng.random(item.size) * np.maximum(count, 1)).astype(np.int64), -1)
