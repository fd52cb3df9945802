"""Canonical registers: institutions, departments, licences, practitioners, devices, pay, inspections, scope."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.sample.identities import flags, money, nulls
from pipelines.sample.institutions import TEMPLATES, TYPES
from pipelines.sample.medicine import DEPARTMENT_KEYS, DEPARTMENTS
from pipelines.sample.moments import Ints, blank, date_text, stream
from pipelines.sample.world import (
    TEMPLATE_COUNT,
    World,
    department_codes,
    device_ids,
    institution_ids,
    practitioner_ids,
)

REGISTER_STREAM = 3
_SCOPE_TABLES = ("encounter", "exam_order", "exam_result", "claim_line", "consent", "licence", "device")
_MONTHS = tuple(f"2025-{month:02d}" for month in range(1, 13))


def register_tables(world: World) -> dict[str, pl.DataFrame]:
    """Every canonical table that has no patients in it, by name."""
    rng = stream(world.seed, REGISTER_STREAM)
    return {
        "institution": _institutions(world),
        "department": _departments(world),
        "licence": _licences(world),
        "practitioner": _practitioners(world, rng),
        "device": _devices(world, rng),
        "practitioner_pay": _pay(world, rng),
        "inspection": _inspections(world, rng),
        "extract_scope": _scope(world),
    }


def _templates(world: World) -> Ints:
    return np.arange(world.institutions) % TEMPLATE_COUNT


def _of_template(world: World, values: list[str]) -> pl.Series:
    return pl.Series(values).gather(_templates(world))


def _institutions(world: World) -> pl.DataFrame:
    number = np.arange(world.institutions)
    district = pl.Series(number // TEMPLATE_COUNT + 1).cast(pl.String)
    ids = institution_ids(number)
    beds = np.array([template.beds for template in TEMPLATES])[_templates(world)]
    region = "99" + district.str.zfill(4)
    return pl.DataFrame(
        {
            "institution_id": ids,
            "institution_name": "示例市第" + district + "区" + _of_template(world, [t.name for t in TEMPLATES]),
            "level": _of_template(world, [t.level for t in TEMPLATES]),
            "kind": _of_template(world, [t.kind for t in TEMPLATES]),
            "ownership": _of_template(world, [t.ownership for t in TEMPLATES]),
            "region_code": region,
            "group_id": blank("G" + district, np.isin(_templates(world), (0, 2, 6, 7), invert=True)),
            "approved_beds": beds,
            "designated_from": date_text(-365 * (3 + number % 9)),
            "designated_to": nulls(world.institutions),
        }
    )


def _departments(world: World) -> pl.DataFrame:
    place, department = np.nonzero(_has_department(world))
    codes = pl.Series([DEPARTMENTS[key][0] for key in DEPARTMENT_KEYS])
    names = pl.Series([DEPARTMENTS[key][1] for key in DEPARTMENT_KEYS])
    return pl.DataFrame(
        {
            "institution_id": institution_ids(place),
            "department_code": department_codes(department),
            "department_name": names.gather(department),
            "national_department_code": codes.gather(department),
            "is_icu": flags(department == DEPARTMENT_KEYS.index("intensive_care")),
            "is_emergency": flags(department == DEPARTMENT_KEYS.index("emergency")),
        }
    )


def _has_department(world: World) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    per_template = np.array([[key in template.departments for key in DEPARTMENT_KEYS] for template in TEMPLATES])
    return np.tile(per_template, (world.districts, 1))


def _licences(world: World) -> pl.DataFrame:
    """One practice licence an institution as a whole, and one line for each registered department."""
    departments = _departments(world)
    whole = institution_ids(np.arange(world.institutions))
    ids = pl.concat([whole, departments["institution_id"]])
    registered = pl.concat([nulls(world.institutions), departments["national_department_code"]])
    return pl.DataFrame(
        {
            "institution_id": ids,
            "licence_no": "PL" + ids.str.slice(2),
            "licence_kind": pl.Series(["practice"]).new_from_index(0, ids.len()),
            "department_code": registered,
            "valid_from": pl.Series(["2021-01-01"]).new_from_index(0, ids.len()),
            "valid_to": pl.Series(["2031-01-01"]).new_from_index(0, ids.len()),
        }
    )


def _practitioners(world: World, rng: np.random.Generator) -> pl.DataFrame:
    """Doctors of every department, then two technicians an institution (laboratory, imaging)."""
    doctors, technicians = world.doctor_count, 2 * world.institutions
    count = doctors + technicians
    is_doctor = np.arange(count) < doctors
    place = np.concatenate([world.doctor_place, np.repeat(np.arange(world.institutions), 2)])
    support = np.tile([DEPARTMENT_KEYS.index("laboratory"), DEPARTMENT_KEYS.index("imaging")], world.institutions)
    department = np.concatenate([world.doctor_department, support])
    ids = practitioner_ids(np.arange(count))
    titles = ("住院医师", "主治医师", "副主任医师", "主任医师", "技师")
    title = np.where(is_doctor, rng.integers(0, 4, count), 4)
    return pl.DataFrame(
        {
            "practitioner_id": ids,
            "institution_id": institution_ids(place),
            "practitioner_name": nulls(count),
            "department_code": department_codes(department),
            "role": pl.Series(["doctor", "technician"]).gather(np.where(is_doctor, 0, 1)),
            "title": pl.Series(titles).gather(title),
            "licence_no": "ZY" + ids.str.slice(1),
            "practice_scope": nulls(count),
            "is_trainee": flags(np.zeros(count, dtype=bool)),
            "supervisor_id": nulls(count),
            "valid_from": date_text(-365 * rng.integers(2, 9, count)),
            "valid_to": nulls(count),
        }
    )


def _devices(world: World, rng: np.random.Generator) -> pl.DataFrame:
    place = np.repeat(np.repeat(np.arange(world.institutions), len(TYPES)), world.devices.ravel())
    kind = np.repeat(np.tile(np.arange(len(TYPES)), world.institutions), world.devices.ravel())
    count = place.size
    made = -365 * rng.integers(2, 10, count)
    is_ct, is_mr = kind == TYPES.index("CT"), kind == TYPES.index("MR")
    is_large = is_ct | is_mr | (kind == TYPES.index("PETCT"))
    is_private = np.array([template.ownership == "private" for template in TEMPLATES])[place % TEMPLATE_COUNT]
    ids = device_ids(np.arange(count))
    return pl.DataFrame(
        {
            "device_id": ids,
            "institution_id": institution_ids(place),
            "device_type": pl.Series(TYPES).gather(kind),
            "model": pl.Series([f"示例-{name}" for name in TYPES]).gather(kind),
            "ct_slices": blank(pl.Series(np.array([16, 64, 128])[rng.integers(0, 3, count)]), ~is_ct),
            "field_strength_t": blank(pl.Series(np.array([1.5, 3.0])[rng.integers(0, 2, count)]), ~is_mr),
            "purchase_price": money(np.where(is_large, 800_000_000, 60_000_000)),
            "manufactured_on": date_text(made),
            "in_use_from": date_text(made + 90),
            "in_use_to": nulls(count),
            "registration_no": "XZ" + ids.str.slice(1),
            "registration_valid_from": date_text(made - 400),
            "registration_valid_to": date_text(made + 1425),
            "permit_kind": blank(pl.Series(["permit", "commitment"]).gather(is_private.astype(np.int64)), ~is_large),
            "permit_no": blank("PZ" + ids.str.slice(1), ~is_large),
            "permit_valid_from": blank(date_text(made), ~is_large),
            "permit_valid_to": nulls(count),
        }
    )


def _pay(world: World, rng: np.random.Generator) -> pl.DataFrame:
    count = world.doctor_count
    base = 600_000 + 100_000 * rng.integers(0, 8, count)
    performance = np.rint(rng.gamma(9.0, 60_000, (count, len(_MONTHS)))).astype(np.int64)
    return pl.DataFrame(
        {
            "practitioner_id": practitioner_ids(np.repeat(np.arange(count), len(_MONTHS))),
            "month": pl.Series(_MONTHS).gather(np.tile(np.arange(len(_MONTHS)), count)),
            "base_pay": money(np.repeat(base, len(_MONTHS))),
            "performance_pay": money(performance.ravel()),
        }
    )


def _inspections(world: World, rng: np.random.Generator) -> pl.DataFrame:
    """A self-inspection everywhere, and one on site at every second institution."""
    place = np.concatenate([np.arange(world.institutions), np.arange(0, world.institutions, 2)])
    on_site = np.arange(place.size) >= world.institutions
    day = np.where(on_site, 240, 150) + rng.integers(0, 30, place.size)
    return pl.DataFrame(
        {
            "inspection_id": "N" + pl.Series(np.arange(place.size)).cast(pl.String).str.zfill(4),
            "institution_id": institution_ids(place),
            "kind": pl.Series(["self", "onsite"]).gather(on_site.astype(np.int64)),
            "campaign": pl.Series(["不合理医疗检查专项治理"]).new_from_index(0, place.size),
            "started_on": date_text(day),
            "finished_on": date_text(day + 3),
            "persons_sampled": blank(pl.Series(np.full(place.size, 20)), ~on_site),
            "outcome": nulls(place.size),
        }
    )


def _scope(world: World) -> pl.DataFrame:
    """Every institution vouches for its tables, but one in nine does not for its consents."""
    place = np.repeat(np.arange(world.institutions), len(_SCOPE_TABLES))
    table = np.tile(np.arange(len(_SCOPE_TABLES)), world.institutions)
    partial = (place % 9 == 4) & (table == _SCOPE_TABLES.index("consent"))
    return pl.DataFrame(
        {
            "table_name": pl.Series(_SCOPE_TABLES).gather(table),
            "institution_id": institution_ids(place),
            "period_from": pl.Series(["2025-01-01"]).new_from_index(0, place.size),
            "period_to": pl.Series(["2025-12-31"]).new_from_index(0, place.size),
            "is_complete": flags(~partial),
        }
    )
