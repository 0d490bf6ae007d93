"""The words that go with an evidence bundle."""

README = """证据包
======

本包由证书查询系统生成，供查处事件和向有关机关提交使用。请连同下载记录中的 SHA-256 一并保存，不要改动包内文件。

文件                      内容
facts.json                事件：种类、是否涉嫌违法、涉及的账号、起始时间、情况、阅知、处理报告
entries.jsonl             起始时间以来该账号的全部审计记录，以及别人对该账号的办理和登录尝试，每行一条
chain.jsonl               从上述第一条到审计链末尾的完整链：其他人的记录只有内容的校验值，没有内容
anchors.json              审计链的末尾；每次上网和每份备份当时记下的审计链状态
files.json                该账号上传、预检、放入、下载的文件及其 SHA-256
touched.json              这些记录涉及的上报批次和汇总批次，以及现在的状态
manifest.json             包内每个文件的 SHA-256
verify_audit_export.py    核验程序，只用 Python 标准库

怎样核验
    python3 verify_audit_export.py entries.jsonl --chain chain.jsonl --head 校验值
校验值取自签过字的纸质汇总表上的“审计链”，或 anchors.json 中某次上网的 audit_head，须在上述第一条之后。
每次上网的 audit_head 又包含在该次上网的“上网链”中，后者印在以后每一期签字的汇总表上：改动过的链与这些纸面不符。
时间均为世界协调时（UTC），北京时间为其加 8 小时。

Evidence bundle
===============

Made by the certificate register for whoever looks into the incident. Keep it with the SHA-256 that the audit noted when
it was downloaded, and change nothing in it.

facts.json                the incident: kind, suspicion of a crime, account, beginning, description, who knows, report
entries.jsonl             every audit entry of the account since then, and what was done to the account and tried with it
chain.jsonl               the whole chain from the first of these entries to its end; of other people's entries the hash
                          of the content only
anchors.json              the end of the chain, and the states of it noted by each publication and each backup
files.json                what the account uploaded, pre-checked, laid down and took away, with SHA-256
touched.json              the batches and releases that the entries are about, as they stand now
manifest.json             SHA-256 of each file in the bundle
verify_audit_export.py    checks the above with Python's standard library alone

To check: python3 verify_audit_export.py entries.jsonl --chain chain.jsonl --head HEX
HEX is the audit chain printed on a signed summary, or a publication's audit_head in anchors.json, from after the first
entry. A publication's audit_head is part of its own chain, which is printed on every later summary that is signed: a
chain that was altered doesn't fit these papers. All times are UTC.
"""
