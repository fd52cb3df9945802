"""The inspection forms as hospitals send them: real headers under a preamble, made-up rows."""

import io
from pathlib import Path

import xlsxwriter

_HEADER_LINES = Path(__file__).with_name("inspection_headers.csv").read_text("utf-8").splitlines()
HEADERS = {line.split(",")[0]: line.split(",")[1:] for line in _HEADER_LINES}
"""Names of the columns of each form."""
H1 = {"序号": "1", "机构编码": "H33010600001", "机构名称": "第一医院", "机构等级": "三级甲等"}
ZHANG, LI = "11010519491231002X", "440524188001010014"
PERSON = {
    "身份证号": ZHANG,
    "人员姓名": "张某",
    "姓名": "张某",
    "人员性别": "男",
    "性别": "男",
    "人员年龄": "74",
    "年龄": "74",
}
OTHER = {"身份证号": LI, "人员姓名": "李某", "姓名": "李某", "人员性别": "女", "性别": "女"}
VISIT = {
    **{
        "险种类别": "职工医保",
        "参保地区划": "330106",
        "门诊号": "M1",
        "门诊日期": "2024/1/5",
        "门诊科室名称": "呼吸内科门诊",
    },
    **{"首诊医生姓名": "王医生", "疾病编码ICD": "J18.9#I10", "疾病诊断名称": "肺炎#高血压", "次要诊断组合": "E11.9"},
    **{"结算流水号": "S1", "结算类别": "普通门诊", "医疗金额": "380.00", "基金支付": "200.00"},
}
STAY = {
    **{
        "险种类别": "职工医保",
        "参保地区划": "330106",
        "住院号": "Z1",
        "入院日期": "20240201",
        "出院日期": "2024年2月8日",
    },
    **{"住院科室名称": "重症医学科", "主管医生姓名": "赵医生", "疾病编码ICD": "J18.9", "疾病诊断名称": "肺炎"},
    **{"次要诊断组合": "", "结算流水号": "S2", "医疗金额": "1,234.50", "基金支付": "1000"},
}
LINE = {
    **{"门诊号": "M1", "住院号": "Z1", "处方号": "R1", "医嘱号": "Y1", "项目代码": "250101015", "项目名称": "血常规"},
    **{
        "国标代码": "002501010150000",
        "收费项目类别": "检验费",
        "数量": "1",
        "单价": "25.00",
        "金额": "25.00",
        "限价": "30",
    },
    **{"费用发生日期": "2024-01-05 09:30:00", "费用科室名称": "检验科", "结算流水号": "S1"},
}
EXAM = {
    **{"就医方式": "门诊", "就医号": "M1", "就医科室名称": "呼吸内科门诊", "疾病诊断名称": "肺炎"},
    **{
        "检查登记日期": "2024-01-05",
        "检查科室名称": "放射科",
        "检查者姓名": "钱技师",
        "检查项目编码": "210300001",
        "检查项目名称": "胸部CT平扫",
    },
    **{
        "检查报告时间": "2024-01-05 11:00",
        "检查部位": "胸部",
        "检查方法": "CT平扫",
        "检查报告诊断": "两肺纹理增多",
        "影像编号": "IMG1",
    },
    **{
        "检验登记日期": "2024-01-05",
        "检验科室名称": "检验科",
        "检验者姓名": "孙技师",
        "检验项目编码": "250101015",
        "检验项目名称": "血常规",
    },
    **{"检验报告时间": "2024-01-05 10:00:00", "检验样本": "血", "检验方法": "仪器法", "检验值名称": "白细胞计数"},
    **{"检验值描述": "11.2", "检验值范围": "3.5-9.5", "样本编号": "B1", "是否外送": "否"},
}
OPERATION = {
    "手术日期": "2024-02-02",
    "手术开始时间": "2024-02-02 10:00",
    "手术操作编码": "33.24#33.27",
    "手术操作名称": "支气管镜检查#肺活检",
}

FORMS = {
    "1.1": [
        {
            **H1,
            "所属区划": "330106",
            "机构性质": "公立",
            "机构类型": "综合医院",
            "核定床位": "1200",
            "定点开始日期": "2010-01-01",
        }
    ],
    "2.1": [
        {**H1, **PERSON, **VISIT},
        {
            **H1,
            **OTHER,
            **VISIT,
            "序号": "2",
            "门诊号": "M2",
            "结算流水号": "S3",
            "结算类别": "门诊慢特病",
            "疾病编码ICD": "I10",
        },
        {**H1, **PERSON, **VISIT, "序号": "3", "结算流水号": "S4", "次要诊断组合": "", "疾病编码ICD": ""},
    ],
    "2.2": [{**H1, **PERSON, **LINE}, {**H1, **PERSON, **LINE}, {**H1, **PERSON, **LINE, "数量": "x"}],
    "2.4": [{**H1, **PERSON, "门诊号": "M1", **OPERATION}],
    "3.1": [{**H1, **PERSON, **STAY}, {**H1, **PERSON, **STAY, "结算流水号": "S5"}],
    "3.2": [{**H1, **PERSON, **LINE, "结算流水号": "S2", "费用发生日期": "2024-02-02"}],
    "3.3": [{**H1, **PERSON, "住院号": "Z1", "医嘱号": "Y1", "医嘱科室名称": "重症医学科", "开立医生姓名": "赵医生"}],
    "3.4": [{**H1, **PERSON, "住院号": "Z1", **OPERATION}],
    "4.1": [{**H1, **PERSON, **EXAM}, {**H1, **PERSON, **EXAM}],
    "4.2": [{**H1, **PERSON, **EXAM}],
    "4.3": [{**H1, **PERSON, **EXAM}],
    "4.4": [{**H1, **PERSON, **EXAM}],
}
"""Rows of each form, by the names of its columns; what a row does not name is empty."""


def table_of(form):
    """All rows of a form as it arrives: title, instructions, types, header, data, total, remark."""
    names = HEADERS[form]
    width = len(names)
    rows = FORMS[form.split("-")[0]]
    pad = [""] * (width - 1)
    return [
        [form, *pad],
        ["填表说明：", *pad],
        *([f"{number}、本表由定点医疗机构填报，不得改变列的顺序。", *pad] for number in range(1, 5)),
        ["" for _name in names],
        ["可空" if name == "序号" else "日期型" if "日期" in name else "字符型" for name in names],
        names,
        *([row.get(name, "") for name in names] for row in rows),
        ["合计", *pad],
        ["备注：以上数据由医院信息系统导出。", *pad],
    ]


def as_text(table, delimiter, encoding):
    quoted = [[f'"{cell}"' if delimiter in cell else cell for cell in row] for row in table]
    return "".join(delimiter.join(row) + "\r\n" for row in quoted).encode(encoding)


def as_workbook(form, table):
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.add_worksheet("填报要求").write(0, 0, "请如实填报")
    sheet = book.add_worksheet(form)
    sheet.merge_range(0, 0, 0, len(table[8]) - 1, form)
    for at, row in enumerate(table[1:], start=1):
        for column, cell in enumerate(row):
            if cell:
                sheet.write_string(at, column, cell)
    book.close()
    return stream.getvalue()


def write_extract(folder, kind):
    folder.mkdir()
    for form in HEADERS:
        table = table_of(form)
        if kind == "xlsx":
            (folder / f"{form}.xlsx").write_bytes(as_workbook(form, table))
        else:
            delimiter, encoding = kind
            (folder / f"{form}.csv").write_bytes(as_text(table, delimiter, encoding))
    (folder / "填报通知.docx").write_bytes(b"x")
    return folder
