"""The pack table of imaging measures: which codes make a study, a reason for it, or care that went before."""

from __future__ import annotations

from schemas.policy_examinations import VALIDITY
from schemas.table import Column, Kind, Table

IMAGING_MEASURES = Table(
    "imaging_measures",
    "影像合理性指标代码",
    "one row a measure, role and code prefix",
    "每个指标、角色、代码前缀一行",
    key=("measure", "role", "code_prefix"),
    columns=(
        Column(
            "measure",
            Kind.CHOICE,
            "Imaging measure; `contrast` says which scans are plain and which enhanced, for every measure.",
            "影像指标；contrast 说明平扫与增强，供各指标使用。",
            required=True,
            choices=("contrast", "contrast_with_and_without", "head_sinus_ct_same_day", "lumbar_mr_without_prior_care"),
        ),
        Column(
            "role",
            Kind.CHOICE,
            "What the code does: plain, enhanced or combined scan; diagnosis that includes or excludes; therapy;"
            " operation.",
            "作用：平扫、增强、平扫加增强；纳入或排除诊断；治疗；手术。",
            required=True,
            choices=("without", "with", "both", "include", "exclude", "therapy", "operation"),
        ),
        Column(
            "code_prefix",
            Kind.CODE,
            "First characters of an item, diagnosis or procedure code.",
            "项目、诊断或手术代码前缀。",
            required=True,
        ),
        Column("title_en", Kind.TEXT, "In English.", "英文名称。"),
        Column("title_zh", Kind.TEXT, "In Chinese.", "中文名称。"),
        *VALIDITY,
    ),
)

TABLES = (IMAGING_MEASURES,)
