"""The registry of every check on intake: stable numbers, severities, and what to do, in Chinese and in English.

R-0xx file (certlookup/spreadsheets/filerules.py), R-05x columns, R-1xx and R-2xx fields (fieldrules.py), R-3xx across
the rows of a file, R-4xx against the register, other batches and the tables of offices, R-5xx corrections, revocations and
reinstatements (changerules.py). A number never changes its meaning and is never given away again.
"""

from __future__ import annotations

from certlookup.spreadsheets.filerules import FILE_RULES, Rule, Severity
from uploads.intake.changerules import CHANGE_RULES
from uploads.intake.fieldrules import FIELD_RULES

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

_COLUMNS = (
    Rule(
        "R-051",
        _ERROR,
        "file",
        "前 {rows} 行中没有找到表头。请保留上报格式的表头（证书编号、姓名、性别、证件类型、证件号码等）后重新上传。",
        "No header row was found in the first {rows} rows. Keep the header of the required layout (证书编号, 姓名, 性别, "
        "证件类型, 证件号码 and so on) and upload the file again.",
    ),
    Rule(
        "R-052",
        _ERROR,
        "file",
        "缺少“{column}”列。请按上报格式补上这一列后重新上传。",
        "The column “{column}” is missing. Add it as in the required layout and upload the file again.",
    ),
    Rule(
        "R-053",
        _ERROR,
        "file",
        "“{column}”列重复：{places}。请只保留一列后重新上传。",
        "The column “{column}” stands there more than once: {places}. Keep one and upload the file again.",
    ),
    Rule(
        "R-054",
        _NOTE,
        "file",
        "上报格式中没有的列未读入：{columns}。如不需要上报，无须处理。",
        "Columns outside the required layout were not read: {columns}. Nothing to do if they needn't be reported.",
    ),
    Rule(
        "R-056",
        _ERROR,
        "file",
        "表头下面没有数据行。请填写数据后重新上传；本期没有数据的，请申报“本期无数据”。",
        "There are no data rows below the header. Fill in the data; an office without data declares that instead.",
    ),
    Rule(
        "R-055",
        _WARNING,
        "row",
        "这一行在表头以外的列（{place}）中有内容，没有读入。请检查该行是否错列。",
        "The row has content beyond the header's columns ({place}), which was not read. Check for a shifted row.",
    ),
)

_PROFILES = (
    Rule(
        "R-081",
        _ERROR,
        "any",
        "“{column}”的“{value}”不在导入方案“{profile}”的对照表中，没有读入。请核对原值；确实是这种格式的写法的，请省中心在方案中补上。",
        "“{value}” in “{column}” is not in the import profile “{profile}”'s table of values, so it wasn't read. Check it; "
        "if the layout really writes it so, the provincial centre adds it to the profile.",
    ),
    Rule(
        "R-082",
        _ERROR,
        "any",
        "“{column}”的“{value}”不能上报：{reason}（导入方案“{profile}”）。请核实后填写。",
        "“{value}” in “{column}” can't be reported: {reason} (import profile “{profile}”). Find out and fill it in.",
    ),
    Rule(
        "R-083",
        _ERROR,
        "any",
        "“{column}”的“{value}”不是导入方案“{profile}”规定的日期写法（{forms}）。请改正；确实是这种格式的写法的，请省中心在方案中补上。",
        "“{value}” in “{column}” is no date in the forms of the import profile “{profile}” ({forms}). Correct it; if the "
        "layout really writes dates so, the provincial centre adds the form to the profile.",
    ),
    Rule(
        "R-084",
        _ERROR,
        "file",
        "导入方案“{profile}”规定表头在第 {row} 行，这一行没有可识别的表头。请核对文件，或改选其他导入方案。",
        "By the import profile “{profile}” the header is row {row}, where no header was recognised. Check the file, or "
        "choose another profile.",
    ),
    Rule(
        "R-085",
        _ERROR,
        "file",
        "导入方案“{profile}”规定读取工作表“{sheet}”，文件中没有这个工作表（有：{sheets}）。请核对文件，或改选其他导入方案。",
        "By the import profile “{profile}” the sheet “{sheet}” is read, which the file doesn't have (it has: {sheets}). "
        "Check the file, or choose another profile.",
    ),
    Rule(
        "R-086",
        _ERROR,
        "file",
        "导入方案“{profile}”用本单位的名称填写“{column}”，而系统中没有登记本单位的{what}。请联系省中心登记后重新上传。",
        "The import profile “{profile}” fills “{column}” with this office's {what}, which isn't recorded. Have the "
        "provincial centre record it, then upload the file again.",
    ),
    Rule(
        "R-087",
        _NOTE,
        "file",
        "表头更像导入方案“{profile}”的格式。文件确是这种格式的，请改选这个方案后重新上传。",
        "The header rather looks like the layout of the import profile “{profile}”. If it is, choose that profile and "
        "upload the file again.",
    ),
    Rule(
        "R-088",
        _NOTE,
        "file",
        "文件没有的列已按导入方案“{profile}”填写：{filled}。请核对是否都适用。",
        "Columns that the file doesn't have were filled in by the import profile “{profile}”: {filled}. Check that this "
        "holds for every row.",
    ),
)

_ACROSS_ROWS = (
    Rule(
        "R-301",
        _ERROR,
        "certificate_number",
        "同一证书编号在文件中出现多次（第 {rows} 行）。请核对，只保留正确的一行。",
        "The same certificate number stands in the file more than once (rows {rows}). Keep the right row only.",
    ),
    Rule(
        "R-302",
        _WARNING,
        "id_number",
        "同一人同一职业同一等级在文件中出现多次（第 {rows} 行）。请核对是否重复上报。",
        "The same person, occupation and level stand in the file more than once (rows {rows}). Check for a double.",
    ),
    Rule(
        "R-303",
        _WARNING,
        "holder_name",
        "同一证件号码在文件中有不同的姓名（第 {rows} 行）。请核对姓名和证件号码。",
        "The same ID number has different names in the file (rows {rows}). Check the names and the number.",
    ),
)

_WORLD = (
    Rule(
        "R-401",
        _ERROR,
        "certificate_number",
        "该证书编号已在另一个未完成的批次中（{batch}）。请核对是否重复上报。",
        "This certificate number is already in another open batch ({batch}). Check for a double report.",
    ),
    Rule(
        "R-402",
        _ERROR,
        "certificate_number",
        "该证书编号已在证书库中。上报数据不能覆盖已上网的证书；需要更正的，请提交更正批次。",
        "This certificate number is already in the register. Reported data can't overwrite a published certificate; "
        "to correct it, submit a correction batch.",
    ),
    Rule(
        "R-403",
        _WARNING,
        "holder_name",
        "证书库中同一证件号码登记的是另一个姓名。请核对姓名和证件号码；确已更名的，由签字人确认。",
        "The register has another name for this ID number. Check the name and the number; a changed name is confirmed "
        "by the signers.",
    ),
    Rule(
        "R-404",
        _WARNING,
        "id_number",
        "证书库中此人已有同一职业同一等级的证书（{number}）。请核对是否重复发证；确需再次发证的，由签字人确认。",
        "The register already has a certificate of this person for the same occupation and level ({number}). Check for a "
        "double; if it is meant, the signers confirm it.",
    ),
    Rule(
        "R-411",
        _NOTE,
        "assessment_office",
        "鉴定机构“{value}”没有登记{times}。请核对名称；新设机构请联系省中心登记。",
        "The assessment body “{value}” isn't registered{times}. Check the name; a new body is registered by the "
        "provincial centre.",
    ),
    Rule(
        "R-412",
        _WARNING,
        "assessment_office",
        "鉴定机构“{value}”属于另一个上报单位（{office}）。请核对鉴定机构。",
        "The assessment body “{value}” belongs to another office ({office}). Check it.",
    ),
    Rule(
        "R-413",
        _WARNING,
        "certificate_number",
        "证书编号中的机构代码（第 3 至 10 位）{code} 没有登记在本单位名下{owner}。请核对证书编号；新设机构请联系省中心登记。",
        "The body code {code} in the certificate number (digits 3 to 10) isn't recorded for this office{owner}. Check the "
        "number; a new body is registered by the provincial centre.",
    ),
    Rule(
        "R-414",
        _NOTE,
        "file",
        "本单位还没有登记机构代码，证书编号中的机构代码（第 3 至 10 位）没有核对。无须处理；登记后自动核对。",
        "No body code is recorded for this office yet, so the codes in the certificate numbers (digits 3 to 10) weren't "
        "checked. Nothing to do; they are checked once codes are recorded.",
    ),
    Rule(
        "R-415",
        _WARNING,
        "assessment_office",
        "鉴定机构“{value}”在 {date} 不在有效期内。请核对机构名称和日期；确实如此的，由签字人确认。",
        "The assessment body “{value}” wasn't in force on {date}. Check its name and the date; if both are right, the "
        "signers confirm it.",
    ),
)

RULES: dict[str, Rule] = FILE_RULES | {
    rule.number: rule
    for group in (
        _COLUMNS,
        _PROFILES,
        FIELD_RULES,
        _ACROSS_ROWS,
        _WORLD,
        CHANGE_RULES,
    )
    for rule in group
}

# Warnings that the operator explains before signing; needs_explanation() in SQL names the same.
EXPLAINED = frozenset(rule.number for rule in RULES.values() if rule.explained)

# Old records contradict themselves now and then: a backfill batch may carry these as warnings.
LENIENT_IN_BACKFILL = frozenset({"R-127", "R-128"})


def severity_in(rule: Rule, kind: str) -> Severity:
    """How much a finding of that rule weighs in a batch of that kind (regular, backfill ...)."""
    if kind == "backfill" and rule.number in LENIENT_IN_BACKFILL:
        return Severity.WARNING
    return rule.severity
