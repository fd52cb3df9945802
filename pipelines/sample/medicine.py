"""What the generator knows of medicine: departments, diagnoses, and which examinations each diagnosis calls for.

Plausible shares of our own, for test data only: nothing here is a clinical or epidemiological source.
"""

from __future__ import annotations

from dataclasses import dataclass

DEPARTMENTS: dict[str, tuple[str, str]] = {
    "respiratory": ("03.01", "呼吸内科"),
    "gastroenterology": ("03.02", "消化内科"),
    "neurology": ("03.03", "神经内科"),
    "cardiology": ("03.04", "心血管内科"),
    "nephrology": ("03.06", "肾病科"),
    "endocrinology": ("03.07", "内分泌科"),
    "surgery": ("04.01", "普通外科"),
    "orthopaedics": ("04.03", "骨科"),
    "obstetrics": ("05", "妇产科"),
    "paediatrics": ("07", "儿科"),
    "oncology": ("19", "肿瘤科"),
    "emergency": ("20", "急诊科"),
    "rehabilitation": ("21", "康复医学科"),
    "intensive_care": ("28", "重症医学科"),
    "general_practice": ("02", "全科医疗科"),
    "tcm": ("50", "中医科"),
    "checkup": ("01", "预防保健科"),
    "laboratory": ("30", "医学检验科"),
    "pathology": ("31", "病理科"),
    "imaging": ("32", "医学影像科"),
}
"""Key → national 诊疗科目 code and name; the order is the order of department numbers in the generator."""

DEPARTMENT_KEYS = tuple(DEPARTMENTS)


@dataclass(frozen=True)
class Diagnosis:
    """One diagnosis of the generator's world.

    Attributes:
        code, name: ICD-10 code and name.
        department: key of ``DEPARTMENTS``.
        ages: first and last year of age.
        sex: M, F or "" for both.
        season: key of moments' seasons.
        outpatient, inpatient, emergency: relative frequency in each setting.
        stay_days: mean length of stay.
        operation: ICD-9-CM-3 code and name of the usual operation of a stay, or None.
        exams: concept → propensity at one out-patient visit to an average doctor.
        is_chronic, is_heavy: comes back for years; calls for many examinations.
    """

    code: str
    name: str
    department: str
    ages: tuple[int, int]
    sex: str
    season: str
    outpatient: float
    inpatient: float
    emergency: float
    stay_days: float
    operation: tuple[str, str] | None
    exams: dict[str, float]
    is_chronic: bool = False
    is_heavy: bool = False


_ADULT, _OLD, _ANY, _CHILD, _FERTILE = (18, 120), (45, 120), (0, 120), (0, 17), (18, 49)
_ROUTINE = {"blood_count": 0.16, "liver": 0.08, "renal": 0.08, "ecg": 0.07, "ct_of_no_part": 0.02}

DIAGNOSES = (
    Diagnosis("I10", "原发性高血压", "cardiology", _ADULT, "", "winter", 9, 1.2, 0.4, 7, None,
              {"lipids": 0.16, "renal": 0.17, "ecg": 0.18, "glucose": 0.12, "heart_us": 0.06,
               "liver": 0.09, "urine": 0.08}, True),
    Diagnosis("I25.1", "动脉硬化性心脏病", "cardiology", _OLD, "", "winter", 6, 2.2, 0.6, 8,
              ("36.06", "冠状动脉支架置入术"),
              {"lipids": 0.2, "ecg": 0.26, "heart_us": 0.14, "troponin": 0.05,
               "coronary_ct": 0.05, "liver": 0.14, "renal": 0.12, "blood_count": 0.12}, True),
    Diagnosis("I50.9", "心力衰竭", "cardiology", _OLD, "", "winter", 1.5, 1.6, 0.8, 9, None,
              {"bnp": 0.33, "ecg": 0.34, "heart_us": 0.3, "electrolytes": 0.34,
               "chest_film": 0.22, "liver": 0.25, "blood_count": 0.26}, True, True),
    Diagnosis("I48", "心房颤动", "cardiology", _OLD, "", "flat", 2, 0.8, 0.5, 7, None,
              {"ecg": 0.35, "coagulation": 0.25, "heart_us": 0.16, "thyroid": 0.08, "renal": 0.12}, True),
    Diagnosis("J06.9", "急性上呼吸道感染", "respiratory", _ADULT, "", "winter", 6, 0.1, 3, 4, None,
              {"blood_count": 0.36, "crp": 0.22, "chest_film": 0.08}),
    Diagnosis("J18.9", "肺炎", "respiratory", _ADULT, "", "winter", 2, 2.4, 1.6, 9, None,
              {"blood_count": 0.4, "crp": 0.34, "chest_ct": 0.24, "liver": 0.12, "blood_gas": 0.04}),
    Diagnosis("J44.1", "慢性阻塞性肺疾病伴急性加重", "respiratory", _OLD, "", "winter", 1.6, 2.2, 0.9, 10, None,
              {"blood_count": 0.28, "chest_ct": 0.2, "blood_gas": 0.14, "ecg": 0.12, "crp": 0.2}, True, True),
    Diagnosis("K29.5", "慢性胃炎", "gastroenterology", _ADULT, "", "flat", 4.5, 0.5, 0.7, 5, None,
              {"gastroscopy": 0.15, "biopsy": 0.04,
               "abdomen_us": 0.14, "blood_count": 0.14, "liver": 0.12, "stool": 0.08}, True),
    Diagnosis("K76.0", "脂肪性肝病", "gastroenterology", _ADULT, "", "flat", 2.5, 0.3, 0, 5, None,
              {"liver": 0.3, "abdomen_us": 0.28, "lipids": 0.2, "glucose": 0.1, "afp": 0.06}, True),
    Diagnosis("K80.2", "胆囊结石", "surgery", _ADULT, "", "flat", 1.4, 1.4, 0.8, 6, ("51.23", "腹腔镜胆囊切除术"),
              {"abdomen_us": 0.36, "liver": 0.22, "blood_count": 0.2, "abdomen_ct": 0.07}),
    Diagnosis("K35.8", "急性阑尾炎", "surgery", _ANY, "", "flat", 0.2, 1.2, 1.2, 5, ("47.01", "腹腔镜阑尾切除术"),
              {"blood_count": 0.5, "abdomen_us": 0.3, "abdomen_ct": 0.2, "crp": 0.3}),
    Diagnosis("G45.9", "短暂性脑缺血发作", "neurology", _OLD, "", "winter", 1.4, 1, 0.9, 7, None,
              {"head_mr": 0.2, "head_ct": 0.16, "lipids": 0.18, "ecg": 0.14, "glucose": 0.12}, False, True),
    Diagnosis("I63.9", "脑梗死", "neurology", _OLD, "", "winter", 3, 2.8, 1.1, 11, None,
              {"head_ct": 0.12, "head_mr": 0.12, "lipids": 0.2, "coagulation": 0.12, "glucose": 0.14}, True, True),
    Diagnosis("G43.9", "偏头痛", "neurology", _ADULT, "", "flat", 2.2, 0.2, 0.5, 5, None,
              {"head_ct": 0.1, "head_mr": 0.1, "blood_count": 0.08}),
    Diagnosis("N18.9", "慢性肾脏病", "nephrology", _ADULT, "", "flat", 2, 1.2, 0.2, 9, None,
              {"renal": 0.36, "urine": 0.3, "blood_count": 0.24, "calcium": 0.18, "abdomen_us": 0.1}, True, True),
    Diagnosis("E11.9", "2型糖尿病", "endocrinology", _ADULT, "", "flat", 7, 1.8, 0.2, 8, None,
              {"glucose": 0.34, "hba1c": 0.2, "lipids": 0.15, "urine": 0.14, "renal": 0.12, "liver": 0.1}, True),
    Diagnosis("E05.9", "甲状腺毒症", "endocrinology", _ADULT, "", "flat", 1.3, 0.2, 0.1, 6, None,
              {"thyroid": 0.4, "thyroid_us": 0.2, "blood_count": 0.2, "liver": 0.16}, True),
    Diagnosis("E04.1", "非毒性单个甲状腺结节", "endocrinology", _ADULT, "", "flat", 2, 0.3, 0, 4, None,
              {"thyroid_us": 0.4, "thyroid": 0.25}, False),
    Diagnosis("M17.9", "膝关节病", "orthopaedics", _OLD, "", "winter", 3, 0.9, 0.1, 10, ("81.54", "全膝关节置换术"),
              {"knee_film": 0.22, "knee_mr": 0.12, "esr": 0.08, "crp": 0.06}, True),
    Diagnosis("M51.2", "腰椎间盘移位", "orthopaedics", _ADULT, "", "flat", 3.2, 0.9, 0.3, 8,
              ("80.51", "椎间盘切除术"),
              {"spine_mr": 0.2, "knee_film": 0.12, "blood_count": 0.05}),
    Diagnosis("S82.0", "髌骨骨折", "orthopaedics", _ANY, "", "flat", 0.7, 0.8, 1.4, 9,
              ("79.36", "胫骨骨折切开复位内固定术"),
              {"knee_film": 0.5, "blood_count": 0.2, "coagulation": 0.1}),
    Diagnosis("N76.0", "急性阴道炎", "obstetrics", (15, 65), "F", "summer", 3, 0.1, 0.1, 3, None,
              {"pelvis_us": 0.14, "urine": 0.12, "blood_count": 0.08}),
    Diagnosis("N92.1", "月经过多", "obstetrics", _FERTILE, "F", "flat", 1.6, 0.4, 0.2, 4, ("69.02", "扩张和刮宫术"),
              {"pelvis_us": 0.3, "hormones": 0.2, "blood_count": 0.26, "ferritin": 0.1}),
    Diagnosis("O80", "单胎顺产", "obstetrics", _FERTILE, "F", "flat", 0, 2.6, 0, 4, ("73.59", "手法助产分娩"),
              {"blood_count": 0.4, "obstetric_us": 0.4, "coagulation": 0.2, "urine": 0.3}),
    Diagnosis("Z34.9", "正常妊娠监督", "obstetrics", _FERTILE, "F", "flat", 3.4, 0, 0, 3, None,
              {"obstetric_us": 0.36, "urine": 0.34, "blood_count": 0.24, "glucose": 0.08, "thyroid": 0.08}),
    Diagnosis("J20.9", "急性支气管炎", "paediatrics", _CHILD, "", "winter", 8, 1.8, 3, 6, None,
              {"blood_count": 0.4, "crp": 0.3, "chest_film": 0.14}),
    Diagnosis("A09.9", "感染性胃肠炎", "paediatrics", _CHILD, "", "summer", 4, 0.9, 1.5, 5, None,
              {"stool": 0.4, "blood_count": 0.3, "electrolytes": 0.12}),
    Diagnosis("C34.9", "肺恶性肿瘤", "oncology", _OLD, "", "flat", 1.1, 1.6, 0.1, 8, None,
              {"chest_ct": 0.3, "chest_ct_contrast": 0.08,
               "blood_count": 0.4, "liver": 0.32, "renal": 0.2, "abdomen_us": 0.14}, True, True),
    Diagnosis("C50.9", "乳腺恶性肿瘤", "oncology", (30, 90), "F", "flat", 1, 1, 0, 7,
              ("85.43", "单侧扩大根治性乳房切除术"),
              {"mammography": 0.1, "blood_count": 0.34, "liver": 0.28, "abdomen_us": 0.14}, True, True),
    Diagnosis("C61", "前列腺恶性肿瘤", "oncology", (55, 100), "M", "flat", 0.7, 0.5, 0, 8, None,
              {"psa": 0.4, "blood_count": 0.2, "liver": 0.14, "renal": 0.14}, True, True),
    Diagnosis("D50.9", "缺铁性贫血", "general_practice", _ADULT, "", "flat", 1.5, 0.3, 0.1, 6, None,
              {"blood_count": 0.5, "ferritin": 0.24, "b12": 0.16}),
    Diagnosis("R53", "不适和疲劳", "general_practice", _ADULT, "", "flat", 3, 0.1, 0.6, 3, None, dict(_ROUTINE)),
    Diagnosis("I10.x1", "高血压病1级", "general_practice", _OLD, "", "winter", 4, 0, 0.1, 5, None,
              {"renal": 0.08, "lipids": 0.08, "ecg": 0.1, "glucose": 0.1}, True),
    Diagnosis("M06.9", "类风湿性关节炎", "tcm", _ADULT, "", "winter", 1.5, 0.5, 0, 9, None,
              {"esr": 0.25, "crp": 0.25, "ana": 0.06, "complement": 0.04, "blood_count": 0.14}, True),
    Diagnosis("M54.5", "下背痛", "tcm", _ADULT, "", "winter", 3.4, 0.6, 0.1, 9, None,
              {"knee_film": 0.06, "esr": 0.05, "vitamin_d": 0.05}),
    Diagnosis("R07.4", "胸痛", "emergency", _ADULT, "", "winter", 0, 0.1, 3.2, 3, None,
              {"ecg": 0.6, "troponin": 0.4, "blood_count": 0.35, "chest_ct": 0.14}, False, True),
    Diagnosis("R10.4", "腹痛", "emergency", _ANY, "", "summer", 0, 0.1, 3, 3, None,
              {"blood_count": 0.5, "abdomen_us": 0.26, "liver": 0.2, "abdomen_ct": 0.1}),
    Diagnosis("S09.9", "头部损伤", "emergency", _ANY, "", "flat", 0, 0.2, 2, 4, None,
              {"head_ct": 0.6, "blood_count": 0.15}),
    Diagnosis("I69.3", "脑梗死后遗症", "rehabilitation", _OLD, "", "flat", 1.4, 0.9, 0, 20, None,
              {"blood_count": 0.1, "head_ct": 0.05, "electrolytes": 0.08}, True),
    Diagnosis("Z00.0", "健康检查", "checkup", _ADULT, "", "flat", 0, 0, 0, 1, None,
              {"blood_count": 0.9, "urine": 0.8, "liver": 0.8, "renal": 0.7, "lipids": 0.7,
               "glucose": 0.7, "ecg": 0.6,
               "abdomen_us": 0.6, "chest_film": 0.5, "thyroid_us": 0.25}),
)  # fmt: skip
"""Every diagnosis of the background population."""

ILLNESSES = {diagnosis.code: diagnosis for diagnosis in DIAGNOSES}
"""The same by code."""

AGE_GROUPS = ((0, 6, 0.07), (7, 17, 0.11), (18, 44, 0.36), (45, 64, 0.28), (65, 79, 0.14), (80, 95, 0.04))
"""First year, last year and share of the population."""

YEARLY_VISITS: dict[str, tuple[float, ...]] = {
    "outpatient": (3.0, 1.6, 2.4, 4.6, 7.0, 6.0),
    "emergency": (0.35, 0.15, 0.18, 0.22, 0.4, 0.6),
    "checkup": (0.0, 0.0, 0.1, 0.14, 0.12, 0.06),
    "day_case": (0.0, 0.01, 0.02, 0.05, 0.06, 0.03),
    "inpatient": (0.08, 0.04, 0.08, 0.14, 0.32, 0.42),
}
"""Mean encounters of a year, by setting and age group."""
