"""Why a row is quarantined: every reason code with its explanation for the person who sent the extract."""

from __future__ import annotations

from schemas.card import Text

REASONS: dict[str, Text] = {
    "bad_date": Text(
        en="not a date or local time that exists (2024-01-05, 2024-01-05T08:30:00, without a time zone)",
        zh="不是有效的日期或当地时间（应为 2024-01-05 或 2024-01-05T08:30:00，不带时区）",
    ),
    "bad_month": Text(en="not a month written YYYY-MM", zh="不是 YYYY-MM 格式的月份"),
    "bad_number": Text(
        en="not a plain number, too large, or with more decimals than the column holds",
        zh="不是普通数字，或数值过大，或小数位数超过该列允许的位数",
    ),
    "bad_choice": Text(en="not one of the values that the column allows", zh="取值不在该列允许的范围内"),
    "bad_flag": Text(en="not 0, 1, true or false", zh="应为 0、1、true 或 false"),
    "below_minimum": Text(en="below the smallest value that makes sense", zh="小于该列允许的最小值"),
    "missing_required": Text(en="a required value is empty", zh="必填项为空"),
    "mangled_id": Text(
        en="an id or code that a spreadsheet turned into a number; export as text",
        zh="标识或编码已被电子表格转成数字而失真；请以文本格式导出",
    ),
    "bad_checksum": Text(
        en="the check digit of a resident id or credit code is wrong; check it, and export as text",
        zh="居民身份号码或统一社会信用代码的校验码不符；请核对并以文本格式导出",
    ),
    "error_cell": Text(en="the cell holds a spreadsheet error", zh="单元格为电子表格错误值"),
    "ragged_row": Text(en="the row has another number of fields than the header", zh="该行字段数与表头不一致"),
    "unbalanced_quotes": Text(
        en="a quotation mark is not closed, or text follows the closing one", zh="引号未闭合，或闭合引号后还有内容"
    ),
    "line_too_long": Text(en="the line is longer than can be read", zh="该行过长，无法读取"),
    "duplicate_key": Text(
        en="an earlier line of the file has the same key and other content", zh="文件中前面已有主键相同而内容不同的行"
    ),
    "id_collision": Text(
        en='the id is already that of another institution\'s event; a profile may set scope_ids_by = "institution"',
        zh='该标识已被另一机构的记录使用；可在来源配置中设置 scope_ids_by = "institution"',
    ),
}
"""Reason codes are stable: they stand in quarantine files, in the ledger and on the quality page."""
