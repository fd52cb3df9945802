"""The examinations of the generator: clinical concepts, each bound to one item of the policy pack by its family."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.sample.institutions import OWN_CODES, TEMPLATES
from pipelines.sample.moments import HOUR, Flags, Floats, Ints
from schemas.errors import PackError
from schemas.pack import Pack


@dataclass(frozen=True)
class Concept:
    """One examination that doctors of the generator order.

    Attributes:
        family, body_part: how its item is found in the pack; body_part "" for none.
        price: yuan.
        analyte, unit, low, high: what a laboratory result reports; empty where the report is words.
        positive: share of reports with a positive or abnormal finding.
        is_special: whether an item that needs consent is meant (a contrast scan).
    """

    family: str
    body_part: str
    price: int
    analyte: str = ""
    unit: str = ""
    low: float = 0.0
    high: float = 0.0
    positive: float = 0.2
    is_special: bool = False


CONCEPTS: dict[str, Concept] = {
    "blood_count": Concept("blood_count", "", 22, "WBC", "10^9/L", 3.5, 9.5),
    "crp": Concept("crp", "", 26, "CRP", "mg/L", 0.1, 8.0),
    "esr": Concept("esr", "", 12, "ESR", "mm/h", 1, 20),
    "urine": Concept("urinalysis", "", 14, "SG", "", 1.01, 1.03),
    "stool": Concept("stool_routine", "", 8, "WBC", "/HP", 0, 2),
    "liver": Concept("liver_function", "", 58, "ALT", "U/L", 9, 50),
    "renal": Concept("renal_panel", "", 36, "CREA", "umol/L", 57, 97),
    "creatinine": Concept("creatinine", "", 12, "CREA", "umol/L", 57, 97),
    "electrolytes": Concept("electrolytes_panel", "", 32, "K", "mmol/L", 3.5, 5.3),
    "calcium": Concept("calcium", "", 8, "CA", "mmol/L", 2.11, 2.52),
    "lipids": Concept("lipid_panel", "", 42, "TC", "mmol/L", 2.8, 5.2, 0.35),
    "glucose": Concept("glucose", "", 6, "GLU", "mmol/L", 3.9, 6.1, 0.3),
    "hba1c": Concept("hba1c", "", 62, "HBA1C", "%", 4, 6, 0.4),
    "thyroid": Concept("thyroid_function", "", 120, "TSH", "mIU/L", 0.35, 4.94),
    "coagulation": Concept("coagulation_panel", "", 60, "PT", "s", 11, 14.5),
    "troponin": Concept("troponin_i", "", 110, "CTNI", "ng/mL", 0.001, 0.04, 0.12),
    "bnp": Concept("bnp", "", 150, "BNP", "pg/mL", 1, 100, 0.4),
    "blood_gas": Concept("blood_gas", "", 72, "PO2", "mmHg", 80, 100, 0.4),
    "afp": Concept("afp", "", 46, "AFP", "ng/mL", 0.5, 7, 0.05),
    "psa": Concept("psa_total", "", 66, "TPSA", "ng/mL", 0.1, 4, 0.3),
    "ca125": Concept("ca125", "", 62, "CA125", "U/mL", 1, 35),
    "ferritin": Concept("ferritin", "", 45, "FER", "ng/mL", 13, 150),
    "b12": Concept("vitamin_b12", "", 48, "VB12", "pg/mL", 200, 900),
    "vitamin_d": Concept("vitamin_d", "", 80, "25OHD", "ng/mL", 20, 100),
    "ana": Concept("ana", "", 48, "ANA", "", 0, 1),
    "complement": Concept("c3", "", 24, "C3", "g/L", 0.9, 1.8),
    "hormones": Concept("oestradiol", "", 40, "E2", "pg/mL", 25, 300),
    "albumin": Concept("albumin", "", 8, "ALB", "g/L", 40, 55),
    "biopsy": Concept("endoscopic_biopsy_pathology", "", 150, positive=0.3),
    "chest_ct": Concept("ct", "chest", 230, positive=0.62),
    "chest_ct_contrast": Concept("ct", "chest", 420, positive=0.7, is_special=True),
    "coronary_ct": Concept("ct", "coronary", 980, positive=0.6, is_special=True),
    "ct_of_no_part": Concept("ct", "", 220, positive=0.5),
    "head_ct": Concept("ct", "head", 200, positive=0.45),
    "abdomen_ct": Concept("ct", "upper_abdomen", 260, positive=0.6),
    "head_mr": Concept("mr", "head", 480, positive=0.6),
    "spine_mr": Concept("mr", "lumbar_spine", 480, positive=0.75),
    "knee_mr": Concept("mr", "knee", 460, positive=0.7),
    "chest_film": Concept("radiography", "chest", 60, positive=0.4),
    "knee_film": Concept("radiography", "knee", 60, positive=0.5),
    "abdomen_us": Concept("ultrasound", "upper_abdomen", 110, positive=0.5),
    "thyroid_us": Concept("ultrasound", "thyroid", 105, positive=0.55),
    "heart_us": Concept("echocardiography", "heart", 170, positive=0.45),
    "pelvis_us": Concept("ultrasound", "uterus", 115, positive=0.4),
    "obstetric_us": Concept("obstetric_ultrasound", "obstetric", 140, positive=0.1),
    "ecg": Concept("ecg", "heart", 22, positive=0.35),
    "gastroscopy": Concept("gastroscopy", "stomach", 280, positive=0.8),
    "newborn_screen": Concept("newborn_haemolysis_screen", "", 90, "HDN", "", 0, 1),
    "blood_pressure_day": Concept("ambulatory_blood_pressure", "", 8, positive=0.4),
    "mammography": Concept("mammography", "breast", 160, positive=0.4),
    "potassium": Concept("potassium", "", 8, "K", "mmol/L", 3.5, 5.3),
    "abdomen_mr": Concept("mr", "upper_abdomen", 520, positive=0.7),
    "knee_ct": Concept("ct", "knee", 210, positive=0.6),
}
"""Every concept; prices, limits and shares are our own round figures for test data."""


@dataclass(frozen=True)
class Items:
    """Items of the pack that the generator orders, as parallel arrays in the order of ``concepts``.

    Attributes:
        concepts: names of the concepts that the pack has an item for.
        frame: item_code, local_code, item_name, family, modality, body_part, device_type, analyte_code, unit.
        inpatient_minutes, outpatient_minutes: retest intervals, −1 where the pack has none.
        spacing_minutes: smallest gap of two ordinary events of one series: the longer interval and a day.
        recognition_minutes: how long other institutions recognise a result, −1 where the pack has no such time.
        panel: index of a panel that contains the item, −1 for none.
        is_lab, is_special, is_sided: what kind of item.
        daily_maximum: most in one day, −1 where the pack has none.
        price_fen, low, high, positive: from the concept.
    """

    concepts: tuple[str, ...]
    frame: pl.DataFrame
    inpatient_minutes: Ints
    outpatient_minutes: Ints
    spacing_minutes: Ints
    recognition_minutes: Ints
    panel: Ints
    is_lab: Flags
    is_special: Flags
    is_sided: Flags
    daily_maximum: Ints
    price_fen: Ints
    low: Floats
    high: Floats
    positive: Floats

    def number(self, concept: str) -> int:
        """Index of a concept; −1 where the pack has no item for it."""
        return self.concepts.index(concept) if concept in self.concepts else -1

    def interval(self, concept: str, setting: str) -> int:
        """Retest interval in minutes in that setting, as the repeat rules choose it."""
        source = self.inpatient_minutes if setting == "inpatient" else self.outpatient_minutes
        return int(source[self.number(concept)])

    def validity(self, concept: str) -> int:
        """Recognition validity in minutes."""
        return int(self.recognition_minutes[self.number(concept)])


def written_codes(items: Items, item: Ints, place: Ints) -> pl.Series:
    """Item codes as the institutions write them: some use their own, which the pack's item_map knows."""
    writes_own = np.isin(place % len(TEMPLATES), OWN_CODES)
    return (
        items.frame["item_code"].gather(item).zip_with(pl.Series(~writes_own), items.frame["local_code"].gather(item))
    )


def read_items(pack: Pack) -> Items:
    """Bind every concept to an item of the pack: same family and body part, special or not, least code.

    Raises:
        PackError: the pack has no item for most concepts, so nothing realistic can be generated.
    """
    found = {name: row for name, concept in CONCEPTS.items() if (row := _item_of(pack, concept)) is not None}
    if len(found) < len(CONCEPTS) // 2:
        raise PackError(
            "the policy pack has too few items for a synthetic extract",
            got=f"{len(found)} of {len(CONCEPTS)} examinations",
            allowed="a pack that extends cn-national",
            where=f"exam_items.csv of pack {pack.name}",
        )
    return _arrays(found, pack)


def _item_of(pack: Pack, concept: Concept) -> dict[str, object] | None:
    items = pack.tables["exam_items"].filter(
        pl.col("family") == concept.family, pl.col("body_part").fill_null("") == concept.body_part
    )
    is_other = pl.col("is_special_exam").fill_null(value=False) != concept.is_special
    rows = items.sort(is_other, "item_code").head(1).to_dicts()
    return rows[0] if rows else None


def _local_codes(pack: Pack) -> dict[str, str]:
    """Pack code → the least local code that any institution may write."""
    rows = pack.tables["item_map"].filter(pl.col("institution_id").is_null()).sort("local_item_code", descending=True)
    return dict(rows.select("item_code", "local_item_code").rows())


def _panels(pack: Pack, codes: list[object]) -> Ints:
    """For each item code the place of a panel that contains it, −1 for none."""
    contained = pack.tables["panel_items"].select("item_code", "panel_item_code").rows()
    holders = {item: codes.index(panel) for item, panel in contained if panel in codes}
    return np.array([holders.get(code, -1) for code in codes], dtype=np.int64)


def _arrays(found: dict[str, dict[str, object]], pack: Pack) -> Items:
    local, default_hours = _local_codes(pack), pack.thresholds.get("default_retest_hours")
    rows = pl.DataFrame(list(found.values()), infer_schema_length=None)
    concepts = [CONCEPTS[name] for name in found]
    default = int(str(default_hours)) * HOUR if default_hours is not None else -1
    minutes = {
        setting: (rows[f"retest_hours_{setting}"].cast(pl.Int64) * HOUR).fill_null(default).to_numpy()
        for setting in ("inpatient", "outpatient")
    }
    longest = np.maximum(minutes["inpatient"], minutes["outpatient"])
    return Items(
        concepts=tuple(found),
        frame=_texts(rows, concepts, local),
        inpatient_minutes=minutes["inpatient"],
        outpatient_minutes=minutes["outpatient"],
        spacing_minutes=np.where(longest > 0, longest + 24 * HOUR, 0),
        recognition_minutes=(rows["recognition_days"].cast(pl.Int64) * 24 * HOUR).fill_null(-1).to_numpy(),
        panel=_panels(pack, rows["item_code"].to_list()),
        is_lab=np.array([bool(concept.analyte) for concept in concepts]),
        is_special=rows["is_special_exam"].fill_null(value=False).to_numpy(),
        is_sided=np.array([concept.body_part == "knee" for concept in concepts]),
        daily_maximum=rows["daily_maximum"].cast(pl.Int64).fill_null(-1).to_numpy(),
        price_fen=np.array([concept.price * 100 for concept in concepts], dtype=np.int64),
        low=np.array([concept.low for concept in concepts], dtype=np.float64),
        high=np.array([concept.high for concept in concepts], dtype=np.float64),
        positive=np.array([concept.positive for concept in concepts], dtype=np.float64),
    )


def _texts(rows: pl.DataFrame, concepts: list[Concept], local: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "item_code": rows["item_code"],
            "local_code": pl.Series([local.get(code, code) for code in rows["item_code"]]),
            "item_name": rows["item_name"],
            "family": rows["family"],
            "modality": rows["modality"],
            "body_part": rows["body_part"].cast(pl.String),
            "device_type": rows["required_device_type"].cast(pl.String),
            "analyte_code": pl.Series([concept.analyte or None for concept in concepts], dtype=pl.String),
            "unit": pl.Series([concept.unit or None for concept in concepts], dtype=pl.String),
        }
    )
