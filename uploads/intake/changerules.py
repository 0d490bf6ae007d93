"""The rules R-5xx: what can be wrong with a correction, a revocation or a reinstatement. The registry is rules.py."""

from __future__ import annotations

from certlookup.spreadsheets.filerules import Rule, Severity

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

CHANGE_RULES: tuple[Rule, ...] = (
    Rule(
        "R-501",
        _ERROR,
        "certificate_number",
        "证书库中没有这个证书编号，不能{act}。请对照证书核对编号；还没有上网的证书，请用定期上报或补录。",
        "The register has no certificate of this number, so it can't be changed ({act}). Check the number against the "
        "certificate; a certificate that isn't published yet is reported by a regular or backfill batch.",
    ),
    Rule(
        "R-502",
        _ERROR,
        "row",
        "这一行填写的内容与证书库相同，没有可更正的。请填写要更正的项目，或删去这一行。",
        "What this row holds is what the register has already: nothing is corrected. Fill in what changes, or remove "
        "the row.",
    ),
    Rule(
        "R-503",
        _ERROR,
        "certificate_number",
        "该证书已撤销，不能更正。确需更正的，请先提交恢复批次，恢复上网后再更正。",
        "The certificate is revoked and can't be corrected. Reinstate it first, then correct it.",
    ),
    Rule(
        "R-504",
        _ERROR,
        "certificate_number",
        "该证书已经撤销，不能再次撤销。请从文件中删去这一行。",
        "The certificate is revoked already. Remove the row.",
    ),
    Rule(
        "R-505",
        _ERROR,
        "certificate_number",
        "该证书没有被撤销，不需要恢复。请核对证书编号，或删去这一行。",
        "The certificate isn't revoked, so there is nothing to reinstate. Check the number, or remove the row.",
    ),
    Rule(
        "R-506",
        _ERROR,
        "certificate_number",
        "该证书由{office}上报，不能由本单位{act}。请转交{office}办理，或由省中心办理。",
        "The certificate was reported by {office}, so this office can't change it ({act}). Hand the matter to {office} "
        "or to the provincial centre.",
    ),
    Rule(
        "R-507",
        _WARNING,
        "certificate_number",
        "该证书由{office}上报，现由省本级{act}。请核对是否已告知{office}；由签字人确认。",
        "The certificate was reported by {office} and is changed by the provincial office ({act}). Make sure that "
        "{office} knows; the signers confirm it.",
    ),
    Rule(
        "R-508",
        _ERROR,
        "change_reason",
        "“{column}”应为“错误核发”“以欺骗等不正当手段取得”“其他决定”之一，填的是“{value}”。请改正。",
        "“{column}” must be 错误核发, 以欺骗等不正当手段取得 or 其他决定, not “{value}”. Correct it.",
    ),
    Rule(
        "R-509",
        _ERROR,
        "change_reason",
        "“{column}”是必填项，不能为空。请写明原因，所有签字人都会看到。",
        "“{column}” is required. Say why; all signers see it.",
    ),
    Rule(
        "R-510",
        _ERROR,
        "document_number",
        "“{column}”是必填项，不能为空。请填写作出决定的文件的文号。",
        "“{column}” is required. Give the number of the document that decided it.",
    ),
    Rule(
        "R-511",
        _ERROR,
        "any",
        "“{column}”是必填项，不能清空。只有可以不填的项目才能填“清空”；不更正的，请把单元格留空。",
        "“{column}” is required and can't be cleared. Only an optional field takes 清空; leave the cell empty where "
        "nothing changes.",
    ),
    Rule(
        "R-512",
        _ERROR,
        "any",
        "“{column}”与证书库登记的不一致，证书编号可能填错。请对照证书核对证书编号和“{column}”。",
        "“{column}” isn't what the register has for this certificate; the number may be wrong. Check both against the "
        "certificate.",
    ),
    Rule(
        "R-513",
        _ERROR,
        "any",
        "“{column}”中有像身份证号码的数字。这里不要写证件号码，请删去。",
        "“{column}” holds what looks like an ID number. Don't write ID numbers here; remove it.",
    ),
    Rule(
        "R-514",
        _ERROR,
        "file",
        "除证书编号和原因外，没有可更正的列。请加上要更正的项目的列（例如“姓名”），只填写要更正的单元格。",
        "There is no column to correct beside the certificate number and the reason. Add the columns of what changes "
        "(姓名, for example) and fill in only the cells that change.",
    ),
    Rule(
        "R-515",
        _ERROR,
        "file",
        "前 {rows} 行中没有找到表头。{kind}文件的表头至少要有“证书编号”和“{reason}”。请按模板整理后重新上传。",
        "No header row was found in the first {rows} rows. A file of this kind ({kind}) needs at least 证书编号 and "
        "{reason}. Arrange it as in the template and upload it again.",
    ),
)
