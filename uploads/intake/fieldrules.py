"""The rules R-1xx and R-2xx: what can be wrong with the fields of one row.

Sentences name columns by the header in the sender's file and never repeat an ID number. The registry is rules.py.
"""

from __future__ import annotations

from certlookup.spreadsheets.filerules import Rule, Severity
from uploads.intake.daterules import DATE_RULES

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

_ANY_FIELD = (
    Rule("R-100", _ERROR, "any", "“{column}”是必填项，不能为空。请填写。", "“{column}” is required. Fill it in."),
    Rule(
        "R-101",
        _ERROR,
        "id_number",
        "证件号码存成了数字，末尾几位已经丢失，无法恢复。请先把整列设为“文本”格式（设置单元格格式—数字—文本），再重新录入或重新导出证件号码。",
        "The ID number was stored as a number; its last digits are lost for good. Format the whole column as text "
        "(Format Cells, Number, Text) first, then enter or export the ID numbers again.",
    ),
    Rule(
        "R-102",
        _ERROR,
        "any",
        "“{column}”单元格是错误值（{value}）。请改成正确的内容。",
        "The cell in “{column}” holds an error value ({value}). Replace it by the right content.",
    ),
    Rule(
        "R-103",
        _ERROR,
        "any",
        "“{column}”单元格是公式。请用“选择性粘贴—值”换成文本后重新上传。",
        "The cell in “{column}” is a formula. Replace it by its text (Paste Special, Values) and upload again.",
    ),
    Rule(
        "R-104",
        _ERROR,
        "any",
        "“{column}”中有看不见的字符或控制字符（第 {position} 个字符，{code}）。请删去后重新录入。",
        "“{column}” has an invisible or control character (character {position}, {code}). Remove it.",
    ),
    Rule(
        "R-105",
        _ERROR,
        "any",
        "“{column}”有 {length} 个字符，最多 {limit} 个。请缩短或检查是否错列。",
        "“{column}” has {length} characters, at most {limit} are allowed. Shorten it, or check for a shifted row.",
    ),
    Rule(
        "R-106",
        _ERROR,
        "any",
        "“{column}”中不能有“{character}”。请删去或改用中文标点。",
        "“{column}” must not contain “{character}”. Remove it or use Chinese punctuation.",
    ),
    Rule(
        "R-107",
        _ERROR,
        "any",
        "“{column}”不能以“{character}”开头。请删去这个符号。",
        "“{column}” must not begin with “{character}”. Remove the character.",
    ),
    Rule(
        "R-109",
        _ERROR,
        "any",
        "“{column}”中有替代符号“{character}”（第 {position} 个字符），原来的字已经丢失。请重新录入这个字；文本文件请另存为 UTF-8 或 .xlsx。",
        "“{column}” has the stand-in “{character}” (character {position}) for a character that was lost. Enter it again; "
        "save text files as UTF-8 or .xlsx.",
    ),
    Rule(
        "R-108",
        _ERROR,
        "any",
        "“{column}”的内容是{kind}，这里应当是文字。请改成文本后重新上传。",
        "“{column}” holds {kind} where text is expected. Enter it as text.",
    ),
)

_ID_NUMBER = (
    Rule(
        "R-111",
        _ERROR,
        "id_number",
        "证件号码的位数不对（{length} 位），{id_type}应为{expected}。请核对是否漏填或多填。",
        "The ID number has the wrong length ({length}) for {id_type}: {expected}. Check for missing or extra digits.",
    ),
    Rule(
        "R-112",
        _ERROR,
        "id_number",
        "证件号码的校验码不对，其中至少有一位录错。请对照证件原件改正。",
        "The ID number's check character is wrong, so at least one digit is. Correct it from the original document.",
    ),
    Rule(
        "R-113",
        _ERROR,
        "id_number",
        "证件号码中有不应出现的字符。请只填写数字和字母（居民身份证只有末位可以是 X）。",
        "The ID number has characters that don't belong there. Enter digits and letters only (in a resident ID number "
        "only the last one may be X).",
    ),
    Rule(
        "R-114",
        _ERROR,
        "id_number",
        "证件号码中的出生日期不存在，或晚于今天。请对照证件原件改正。",
        "The birth date inside the ID number doesn't exist or is in the future. Correct it from the original document.",
    ),
    Rule(
        "R-115",
        _ERROR,
        "id_number",
        "这里填的像是证书编号。请检查“{column}”与证书编号是否填反。",
        "This looks like a certificate number. Check whether “{column}” and the certificate number were swapped.",
    ),
    Rule(
        "R-116",
        _ERROR,
        "id_number",
        "证件号码不符合所填证件类型（{id_type}）的格式{hint}。请核对证件类型和号码。",
        "The number doesn't have the form of the given ID type ({id_type}){hint}. Check the type and the number.",
    ),
    Rule(
        "R-117",
        _NOTE,
        "id_number",
        "15 位老身份证号码已按 18 位登记，两种写法都能查到。无须处理。",
        "The old 15-digit ID number is registered in its 18-digit form; both can be looked up. Nothing to do.",
    ),
)

_CERTIFICATE_NUMBER = (
    Rule(
        "R-121",
        _ERROR,
        "certificate_number",
        "证书编号存成了数字，开头的 0 或末尾几位可能已经丢失。请先把整列设为“文本”格式（设置单元格格式—数字—文本），再重新录入或重新导出证书编号。",
        "The certificate number was stored as a number; a leading 0 or its last digits may be lost. Format the whole "
        "column as text first, then enter or export the certificate numbers again.",
    ),
    Rule(
        "R-122",
        _ERROR,
        "certificate_number",
        "证书编号的位数不对（{length} 位{hint}），国家职业资格证书应为 16 位。请对照证书改正。",
        "The certificate number has the wrong length ({length}{hint}); it has 16 digits. Correct it from the certificate.",
    ),
    Rule(
        "R-123",
        _ERROR,
        "certificate_number",
        "证书编号中有不应出现的字符，应为 16 位数字。请对照证书改正。",
        "The certificate number has characters that don't belong there; it has 16 digits. Correct it.",
    ),
    Rule(
        "R-124",
        _ERROR,
        "certificate_number",
        "这里填的像是身份证号码。请检查“{column}”与证件号码是否填反。",
        "This looks like an ID number. Check whether “{column}” and the ID number were swapped.",
    ),
    Rule(
        "R-125",
        _ERROR,
        "certificate_number",
        "这是职业技能等级证书的编号，不属于国家职业资格证书，不能在这里上报。请从文件中删去这一行。",
        "This is the number of a vocational skill level certificate, which isn't reported here. Remove the row.",
    ),
    Rule(
        "R-126",
        _ERROR,
        "certificate_number",
        "证书编号的等级位（第 11 位）不是 1 至 5。请对照证书改正。",
        "The level digit of the certificate number (the 11th) isn't 1 to 5. Correct it from the certificate.",
    ),
    Rule(
        "R-127",
        _ERROR,
        "certificate_number",
        "证书编号中的年份是 {number_year} 年，发证日期是 {year} 年。请核对证书编号和发证日期。",
        "The certificate number says {number_year}, the issue date {year}. Check both.",
    ),
    Rule(
        "R-128",
        _ERROR,
        "certificate_number",
        "证书编号中的等级是{number_level}，“{level_column}”填的是{level}。请核对证书编号和等级。",
        "The certificate number says level {number_level}, “{level_column}” says {level}. Check both.",
    ),
    Rule(
        "R-129",
        _WARNING,
        "certificate_number",
        "证书编号不是本省编号：发证代码（第 3、4 位）是 {code}，本省是 {own}。请核对证书编号；确为行业证书的，由签字人确认。",
        "The issuer in the certificate number (digits 3 and 4) is {code}, this province's is {own}. Check the number; a sector's "
        "certificate is confirmed by the signers.",
    ),
    Rule(
        "R-131",
        _ERROR,
        "certificate_number",
        "证书编号的流水号全是 0，应从 00001 起。请对照证书改正。",
        "The serial in the certificate number is all zeros; serials begin at 00001. Correct it from the certificate.",
    ),
    Rule(
        "R-130",
        _ERROR,
        "certificate_number",
        "证书编号中的年份 {number_year} 年还没有到。请对照证书改正。",
        "The year in the certificate number, {number_year}, is in the future. Correct it from the certificate.",
    ),
)

_PERSON = (
    Rule(
        "R-141",
        _ERROR,
        "holder_name",
        "姓名有 {length} 个字符，最多 {limit} 个。请核对是否错列。",
        "The name has {length} characters, at most {limit} are allowed. Check for a shifted row.",
    ),
    Rule(
        "R-142",
        _ERROR,
        "holder_name",
        "姓名中有看不见的字符、控制字符或自造字（第 {position} 个字符，{code}）。请删去后按证件重新录入；生僻字请用标准汉字输入法录入。",
        "The name has an invisible, control or private-use character (character {position}, {code}). Remove it and enter "
        "the name as on the document.",
    ),
    Rule(
        "R-143",
        _ERROR,
        "holder_name",
        "姓名中有不应出现的符号“{character}”（第 {position} 个字符）。请按证件改正。",
        "The name has “{character}” (character {position}), which doesn't belong in a name. Correct it.",
    ),
    Rule(
        "R-144",
        _ERROR,
        "holder_name",
        "姓名不能以“{character}”开头（= + - @ 等都不可以）。请删去这个符号。",
        "A name must not begin with “{character}” (nor with any of = + - @). Remove the character.",
    ),
    Rule(
        "R-145",
        _NOTE,
        "holder_name",
        "姓名中的间隔号、空格或字符编码已统一写法，登记为“{value}”。无须处理。",
        "Separators, spaces or the encoding of letters in the name were brought to the standard form: “{value}”. Nothing "
        "to do.",
    ),
    Rule(
        "R-146",
        _ERROR,
        "holder_name",
        "姓名中有替代符号“{character}”（第 {position} 个字符），原来的字已经丢失。请按证件重新录入；生僻字请用标准汉字输入法录入。",
        "The name has the stand-in “{character}” (character {position}) for a character that was lost. Enter the name as "
        "on the document.",
    ),
    Rule(
        "R-147",
        _WARNING,
        "holder_name",
        "姓名中有少见的内容（{characters}）。请对照证件核对；确实如此的，由签字人确认。",
        "The name has what is rare in names ({characters}). Check it against the document; if it is "
        "right, the signers confirm it.",
    ),
    Rule(
        "R-148",
        _ERROR,
        "holder_name",
        "姓名中没有文字，只有数字或符号。请检查是否错列，按证件填写姓名。",
        "The name has no letter or character, only digits or symbols. Check for a shifted row and enter the name.",
    ),
    Rule(
        "R-151",
        _ERROR,
        "sex",
        "“{column}”应填“男”或“女”，填的是“{value}”。请改正。",
        "“{column}” must be 男 or 女, not “{value}”. Correct it.",
    ),
    Rule(
        "R-152",
        _ERROR,
        "sex",
        "“{column}”与身份证号码中的性别不一致（号码为{expected}）。请核对性别和证件号码。",
        "“{column}” disagrees with the ID number (which says {expected}). Check the sex and the ID number.",
    ),
    Rule(
        "R-155",
        _ERROR,
        "id_type",
        "证件类型“{value}”无法识别。请填写居民身份证、港澳居民来往内地通行证、台湾居民来往大陆通行证、港澳台居民居住证、护照、外国人永久居留身份证或军官证。",
        "The ID type “{value}” isn't known. Use one of the names of the required layout (居民身份证, 护照 and so on).",
    ),
    Rule(
        "R-161",
        _ERROR,
        "birth_date",
        "出生日期“{value}”不是有效的日期。请按 1990-01-31 的写法填写。",
        "The birth date “{value}” isn't a valid date. Write it as 1990-01-31.",
    ),
    Rule(
        "R-162",
        _ERROR,
        "birth_date",
        "出生日期与身份证号码不一致。请核对出生日期和证件号码。",
        "The birth date disagrees with the ID number. Check both.",
    ),
    Rule("R-163", _ERROR, "birth_date", "出生日期晚于今天。请改正。", "The birth date is in the future. Correct it."),
)

_ASSESSMENT = (
    Rule(
        "R-171",
        _ERROR,
        "level",
        "等级“{value}”无法识别。请填写 一级/高级技师、二级/技师、三级/高级工、四级/中级工、五级/初级工 之一。",
        "The level “{value}” isn't known. Use one of 一级/高级技师, 二级/技师, 三级/高级工, 四级/中级工, 五级/初级工.",
    ),
    Rule(
        "R-181",
        _ERROR,
        "theory_score",
        "“{column}”应为 0 至 100 的数（最多一位小数），或“合格”“免考”，填的是“{value}”。请改正。",
        "“{column}” must be 0 to 100 with at most one decimal, or 合格 or 免考, not “{value}”. Correct it.",
    ),
    Rule(
        "R-182",
        _ERROR,
        "result",
        "“{column}”应为“合格”“良好”“优秀”之一，填的是“{value}”。请改正。",
        "“{column}” must be 合格, 良好 or 优秀, not “{value}”. Correct it.",
    ),
)

_CAMPAIGN = (
    Rule(
        "R-221",
        _ERROR,
        "issue_date",
        "发证年份 {year} 年不在补录任务“{campaign}”的范围（{first} 年至 {last} 年）内。请核对证书编号和发证日期；确属其他年份的，报入相应的补录任务。",
        "The year of issue, {year}, is outside the campaign “{campaign}” ({first} to {last}). Check the certificate number and "
        "the issue date; a row of another year belongs to another campaign.",
    ),
    Rule(
        "R-222",
        _WARNING,
        "issue_date",
        "没有发证日期，证书编号中也看不出年份，无法核对是否在补录任务“{campaign}”的范围内。请补填发证日期；证书上没有的，由签字人确认。",
        "There is neither an issue date nor a year in the certificate number, so it can't be told whether the row belongs to "
        "the campaign “{campaign}”. Fill in the issue date; if the certificate has none, the signers confirm it.",
    ),
    Rule(
        "R-223",
        _NOTE,
        "file",
        "没有指明补录任务，因此没有检查发证年份是否在补录范围内。请选择补录任务后再检查一次。",
        "No campaign was named, so the years of issue were not checked against one. Name the campaign and check again.",
    ),
)

FIELD_RULES: tuple[Rule, ...] = (
    *_ANY_FIELD,
    *_ID_NUMBER,
    *_CERTIFICATE_NUMBER,
    *_PERSON,
    *_ASSESSMENT,
    *DATE_RULES,
    *_CAMPAIGN,
)
