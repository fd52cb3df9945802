"""Which institutions the generator's districts have; one of each template stands in every district."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.sample.medicine import DEPARTMENT_KEYS

_SUPPORT = ("laboratory", "pathology", "imaging")
_WARDS = (
    "respiratory",
    "gastroenterology",
    "neurology",
    "cardiology",
    "nephrology",
    "endocrinology",
    "surgery",
    "orthopaedics",
    "obstetrics",
    "paediatrics",
    "oncology",
    "emergency",
)


@dataclass(frozen=True)
class Template:
    """One institution of every district.

    Attributes:
        name: name, generic; a district number is put before it.
        level, kind, ownership, beds: as in the canonical institution table.
        departments: keys of medicine.DEPARTMENTS.
        outpatient, inpatient: relative pull on patients of a department that several templates have.
        devices: device types, repeated where there are several.
        reaches: level factor on examinations at one visit.
    """

    name: str
    level: str
    kind: str
    ownership: str
    beds: int
    departments: tuple[str, ...]
    outpatient: float
    inpatient: float
    devices: tuple[str, ...]
    reaches: float = 1.0


TEMPLATES = (
    Template("第一人民医院", "tertiary", "general_hospital", "public", 1800,
             (*DEPARTMENT_KEYS,), 40, 40, ("CT", "CT", "MR", "DR", "US", "MG", "ECG", "ENDO", "LAB", "DSA"), 1.1),
    Template("肿瘤医院", "tertiary", "specialised_hospital", "public", 900,
             ("oncology", "surgery", "intensive_care", *_SUPPORT), 20, 24,
             ("CT", "MR", "PETCT", "US", "MG", "ECG", "LAB"), 1.15),
    Template("第三人民医院", "secondary", "general_hospital", "public", 600,
             (*_WARDS, "intensive_care", "checkup", *_SUPPORT), 26, 26, ("CT", "MR", "DR", "US", "ECG", "ENDO", "LAB")),
    Template("中医院", "secondary", "tcm_hospital", "public", 400,
             ("tcm", "rehabilitation", "cardiology", "gastroenterology", "orthopaedics", *_SUPPORT), 10, 10,
             ("CT", "DR", "US", "ECG", "LAB"), 0.9),
    Template("综合医院（民营）", "secondary", "general_hospital", "private", 200,
             (*_WARDS, *_SUPPORT), 8, 8, ("CT", "MR", "DR", "US", "ECG", "ENDO", "LAB"), 1.1),
    Template("妇幼保健院", "secondary", "maternal_child", "public", 260,
             ("obstetrics", "paediatrics", *_SUPPORT), 24, 24, ("DR", "US", "MG", "ECG", "LAB")),
    Template("社区卫生服务中心", "primary", "community_health", "public", 20,
             ("general_practice", "tcm", "checkup", "laboratory"), 24, 0, ("US", "ECG", "LAB"), 0.6),
    Template("镇卫生院", "primary", "township_health", "public", 60,
             ("general_practice", "tcm", "laboratory", "imaging"), 20, 0, ("DR", "US", "ECG", "LAB"), 0.6),
    Template("门诊部", "ungraded", "outpatient_department", "private", 0,
             ("general_practice", "tcm", "laboratory"), 6, 0, ("US", "ECG", "LAB"), 0.7),
    Template("诊所", "ungraded", "clinic", "private", 0, ("general_practice",), 5, 0, (), 0.3),
    Template("村卫生室", "ungraded", "village_room", "public", 0, ("general_practice",), 4, 0, (), 0.3),
    Template("健康体检中心", "ungraded", "checkup_centre", "private", 0,
             ("checkup", "laboratory", "imaging"), 40, 0, ("CT", "DR", "US", "ECG", "LAB")),
    Template("血液透析中心", "ungraded", "dialysis_centre", "private", 0,
             ("nephrology",), 2, 0, ("LAB",), 0.7),
    Template("医学检验实验室", "ungraded", "independent_lab", "private", 0,
             ("laboratory", "pathology"), 0, 0, ("LAB",)),
    Template("康复医院", "ungraded", "other", "private", 80,
             ("rehabilitation", "laboratory"), 5, 6, ("US", "ECG", "LAB"), 0.8),
)  # fmt: skip
"""Every kind and level of institution that the canonical table knows."""

TERTIARY, CANCER_CENTRE, SECONDARY, PRIVATE, CHECKUP_CENTRE, LABORATORY = 0, 1, 2, 4, 11, 13
"""Templates that planted cases name."""

OWN_CODES = (PRIVATE,)
"""Templates that write their own item codes, where the pack's item_map knows them."""

TYPES = ("CT", "MR", "PETCT", "PETMR", "DR", "US", "MG", "DSA", "ECG", "ENDO", "LAB", "OTHER")
"""Device types in the order of the generator's numbers."""
