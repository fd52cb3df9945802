"""What detectors of two stays share: evidence columns of the earlier stay and the later, each written once."""

from __future__ import annotations

from detectors.card_parts import column

ALIKE = (
    column("same_institution", "boolean", "Same institution", "同一机构"),
    column("same_diagnosis", "boolean", "Same diagnosis or group", "同一诊断或病组"),
)
"""Whether both stays were at one place, for one illness."""

INDEX_STAY = (
    column("index_started_at", "moment", "Earlier admission", "前次入院"),
    column("index_ended_at", "moment", "Earlier discharge", "前次出院"),
)
"""When the earlier stay was."""

INDEX_INSTITUTION = column("index_institution_id", "text", "Earlier institution", "前次机构")
INDEX_DIAGNOSIS = column("index_diagnosis_code", "text", "Earlier diagnosis", "前次主要诊断")
FLAGGED_DIAGNOSIS = column("flagged_diagnosis_code", "text", "Later diagnosis", "本次主要诊断")
DISPOSITION = column("discharge_disposition", "text", "How the earlier stay ended", "前次离院方式")
