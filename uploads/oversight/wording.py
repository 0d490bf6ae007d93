"""What the audit trail's actions are called on pages; an action that isn't named here is shown by its own name."""

ACTIONS = {
    "batch.compare_sample": "抽样核对",
    "batch.sample_compared": "抽样核对",
    "rows.sample_shown": "查看抽样记录",
    "batch.withdraw": "撤回批次签字",
    "batch.signature_withdrawn": "撤回批次签字",
    "release.withdraw": "撤回汇总批次签字",
    "release.signature_withdrawn": "撤回汇总批次签字",
    "certificate.order_review": "核查证书",
    "certificate.review_ordered": "核查证书",
    "certificate.decide_review": "核查的决定",
    "certificate.review_lifted": "解除核查",
    "certificate.review_confirmed": "核查属实",
    "audit.export": "导出审计记录",
    "audit.exported": "导出审计记录",
    "audit.viewed": "查看审计记录",
    "account.frozen": "冻结账号",
    "account.opened": "开通账号",
    "account.unfrozen": "解冻账号",
    "account.withdrawn": "收回账号",
    "batch.declare_no_data": "申报本期无数据",
    "batch.no_data_declared": "申报本期无数据",
    "batch.return": "退回批次",
    "batch.returned": "退回批次",
    "batch.sign": "批次签字",
    "batch.signed": "批次签字",
    "batch.submit": "上报批次",
    "batch.submitted": "上报批次",
    "batch.explain_warnings": "说明提醒的原因",
    "batch.warnings_explained": "说明提醒的原因",
    "campaign.change": "更改补录任务",
    "campaign.closed": "关闭补录任务",
    "campaign.extended": "延长补录任务",
    "campaign.open": "开设补录任务",
    "campaign.opened": "开设补录任务",
    "body.add": "登记鉴定机构",
    "body.added": "登记鉴定机构",
    "body.change": "更改鉴定机构",
    "body.changed": "更改鉴定机构",
    "capacity.delegate": "委托代理",
    "capacity.delegated": "委托代理",
    "capacity.end": "终止身份",
    "capacity.ended": "终止身份",
    "capacity.granted": "授予身份",
    "certificate.search": "查找证书版本",
    "certificate.searched": "查找证书版本",
    "certificate.viewed": "查看证书版本",
    "coverage.set": "登记收录情况",
    "demo.begun": "开始建立演示数据",
    "demo.completed": "演示数据建立完毕",
    "demo.offices_described": "填写演示用的单位联系方式",
    "extension.record": "记录延期",
    "extension.recorded": "记录延期",
    "file.checked": "检查文件",
    "file.handed_out": "下载文件",
    "file.receive": "上传文件",
    "file.received": "上传文件",
    "file.unreadable": "文件无法读取",
    "incident.acknowledge": "阅知事件",
    "incident.acknowledged": "阅知事件",
    "incident.close": "办结事件",
    "incident.closed": "办结事件",
    "incident.evidence_handed_out": "下载证据包",
    "incident.open": "立事件",
    "incident.opened": "立事件",
    "incident.viewed": "查看事件",
    "incident.revise": "更改事件的起始时间或性质",
    "incident.revised": "更改事件的起始时间或性质",
    "keys.rotated": "更换密钥完成",
    "keys.rotation_begun": "开始更换密钥",
    "login": "登录",
    "lockouts.lifted": "解除登录锁定",
    "logout": "退出",
    "page.opened": "打开页面",
    "paper_signer.add": "登记纸质签字人",
    "paper_signer.added": "登记纸质签字人",
    "password.change_ordered": "要求更换密码",
    "password.changed": "更换密码",
    "person.changed": "更改人员资料",
    "person.created": "登记人员",
    "person.invited": "邀请开通账号",
    "precheck.done": "预检完成",
    "precheck.run": "预检文件",
    "profile.retire": "停用导入方案",
    "profile.retired": "停用导入方案",
    "profile.sample": "上传样表",
    "profile.save": "保存导入方案",
    "profile.saved": "保存导入方案",
    "publication.order": "提前上网指示",
    "publication.ordered": "提前上网指示",
    "publication.root_stored": "写入校验根",
    "recovery_codes.renewed": "更换恢复码",
    "release.assemble": "汇总批次",
    "release.assembled": "汇总批次",
    "release.backed_up": "备份",
    "release.backup_retried": "重新备份",
    "release.explain_lateness": "说明延迟上网原因",
    "release.lateness_explained": "说明延迟上网原因",
    "release.publication_ordered": "上传上网",
    "release.publication_retried": "重新上网",
    "release.publish": "公布上网",
    "release.published": "公布上网",
    "release.retry": "重新上网",
    "release.return": "退回汇总批次",
    "release.returned": "退回汇总批次",
    "release.sign": "汇总批次签字",
    "release.signed": "汇总批次签字",
    "report.expired": "删除到期的核对报告",
    "report.handed_out": "下载核对报告",
    "report.made": "生成核对报告",
    "rows.searched": "查找记录",
    "rows.searched_by_id_number": "按证件号码查找记录",
    "scan.handed_out": "下载审签表扫描件",
    "security_key.registered": "登记安全密钥",
    "security_key.removed": "移除安全密钥",
    "sessions.ended": "退出所有登录",
    "unsent.discarded": "移除待导入的文件",
    "unsent.forgotten": "清除未上报的文件",
    "unsent.parked": "放入待导入的文件",
    "verification.ask": "要求核对",
    "verification.asked": "要求核对",
    "verification.made": "核对",
}
SUBJECTS = {
    "audit": "审计记录",
    "batch": "上报批次",
    "body": "鉴定机构",
    "campaign": "补录任务",
    "certificate": "证书",
    "incident": "事件",
    "installation": "系统",
    "keys": "密钥",
    "office": "上报单位",
    "page": "页面",
    "period": "期次",
    "person": "人员",
    "profile": "导入方案",
    "publication": "上网",
    "release": "汇总批次",
    "verification": "核对",
}


def action_label(action: str) -> str:
    """The action in Chinese."""
    return ACTIONS.get(action, action)


def actions_called(label: str) -> list[str]:
    """Every action of that name: what was done, and what was refused."""
    return [action for action, name in ACTIONS.items() if name == label] or [label]


def subject_label(kind: str) -> str:
    """The kind of subject in Chinese."""
    return SUBJECTS.get(kind, kind)


# verification.SENTENCES in Chinese; a test holds the keys equal.
DIFFERENCES = {
    "row_differs": "与签字时的内容不一致",
    "row_missing": "签字时有，现在没有",
    "row_extra": "没有签字，却在证书库中",
    "row_moved": "次序与签字时不同",
    "id_does_not_open": "证件号码无法解开，或与当时的承诺值不符",
    "index_differs": "查询索引不是这个证件号码的",
    "revisions_incomplete": "更早的版本不完整",
    "changed_fields_differ": "标明的更正项目与实际改动的不符",
    "first_day_differs": "首次上网日期与首次上网记录不符",
    "publication_unknown": "所属的上网记录不存在",
    "root_missing": "还没有写入校验根",
    "root_differs": "校验根与现有数据不符",
    "chain_differs": "与前一次上网的连接值不符",
    "digest_differs": "摘要与签字的不符",
    "batch_digest_differs": "摘要与签字的不符",
    "count_differs": "条数与记录的不符",
    "positions_broken": "数据次序有缺口",
    "searchable_differs": "可查条数与记录的不符",
    "entry_missing": "缺少这一条",
    "entry_differs": "内容与校验值不符",
    "head_differs": "末尾与记录的不符",
    "anchor_missing": "审计链中找不到当时记下的状态",
    "act_without_entry": "审计链中没有相应的记录",
}
_SUBJECT_WORDS = {
    "publication": "上网",
    "backup": "备份",
    "batch": "上报批次",
    "signature": "签字",
    "entry": "审计记录",
    "register": "证书库",
    "audit trail": "审计链",
}


def difference_sentence(key: str) -> str:
    """What differs, in Chinese."""
    return DIFFERENCES.get(key, key)


def difference_subject(subject: str) -> str:
    """What a difference is about; a certificate number stays as it is."""
    if subject in _SUBJECT_WORDS:
        return _SUBJECT_WORDS[subject]
    word, _, rest = subject.partition(" ")
    if not rest or word not in _SUBJECT_WORDS:
        return subject
    return f"审计第 {rest} 条" if word == "entry" else f"{_SUBJECT_WORDS[word]} {rest}"
