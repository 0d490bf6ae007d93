"""What the database's functions refuse (SQLSTATE CL001), said kindly: what happened, what it means, what to do next."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

REFUSED = "CL001"

SENTENCES = {
    "certificate_is_revoked_already": "这本证书已经撤销，不用核查。",
    "certificate_is_under_review_already": "这本证书已在核查中，请刷新页面查看。",
    "comparison_is_not_due": "现在不用核对：批次不在等待签字，或以纸质签字报来，或申报了无数据。请刷新页面查看状态。",
    "comparison_is_of_other_rows": "核对的不是系统抽取的那些记录，没有记下。请刷新页面，按页面上的记录逐条核对。",
    "sampled_row_never_changes": "抽样核对的结果不能更改。",
    "difference_without_a_remark": "与档案不一致的，请写明哪里不一致，以便改正。",
    "no_such_certificate": "证书库中没有这个编号的证书。请核对后重新输入。",
    "paper_sheet_states_no_comparison": "审签表上没有注明经办人已抽样与档案核对，不能上报。请该市核对后重新签表，再导入。",
    "review_is_decided_already": "这项核查已经办理过，请刷新页面查看。",
    "review_is_not_decided_in_time": "核查期限应在 1 至 180 天之间。请系统管理员检查设置 REVIEW_DAYS。",
    "review_order_never_changes": "核查记录不能删除。",
    "review_without_a_reason": "请填写原因，记录在案。",
    "sample_comparison_never_changes": "抽样核对的结果不能更改。",
    "sample_differs_from_the_archive": "抽样核对发现有记录与档案不一致，这份文件不能签字。请改正后重新上传。",
    "sample_is_compared_already": "这份文件已经抽样核对过，请刷新页面查看结果。",
    "sample_is_not_compared": "签字之前，经办人要先抽取若干条记录与档案核对。请先办理“抽样核对”。",
    "signature_is_not_to_be_withdrawn": "没有可以撤回的签字：不是您签的，或下一步已经办理。发现问题的，请退回。",
    "signature_withdrawal_never_changes": "撤回记录不能更改。",
    "withdrawal_without_a_reason": "请填写撤回的原因，其他签字人都会看到。",
    "act_never_changes": "办理记录不能更改。",
    "another_person_has_that_capacity": "本轮已有另一人以这一身份办理，同一身份只能由一人办理。",
    "attempt_is_not_being_checked": "该文件不在检查中，不能再写入数据。",
    "attempt_is_not_checked": "文件还没有检查完，请等检查完成后再办理。",
    "attempt_never_changes": "检查过的文件不能更改，请重新上传。",
    "audit_entry_never_changes": "审计记录不能更改。",
    "batch_belongs_in_another_release": "更正、撤销、恢复批次进入更换汇总批次，定期上报和补录批次进入定期或补充汇总批次，不能混在一起。请重新选择。",
    "batch_has_refused_rows": "批次中有不合格的记录，不能签字。请改正后重新上传。",
    "batch_came_in_another_way": "本期已有以另一种方式（网上签字或纸质签字）报来、等待签字的文件。要改换方式，请先由该市退回那个批次。",
    "batch_is_already_signed": "该批次已签字或已上报，不能更换文件。需要更换的，请先退回。",
    "batch_is_already_checked": "本期已有检查合格的文件。确实没有数据的，请先退回该批次，再申报本期无数据。",
    "batch_is_already_published": "该单位本期的批次已经上网，不能再申报本期无数据。",
    "batch_is_not_in_release": "批次已不在这个汇总批次中，请刷新页面后重新核对。",
    "batch_signatures_incomplete": "批次的签字不完整，或签字与数据不一致，不能上网。请退回重新审签。",
    "backfill_without_a_campaign": "补录文件须报入一个进行中的补录任务。请选择补录任务；没有可选的，请联系省里承办部门负责人。",
    "before_the_publication_day": "还没有到上网日期。需要提前的，请分管领导先记录提前上网指示。",
    "campaign_asks_no_office": "请至少选择一个上报单位。",
    "campaign_asks_other_offices": "该补录任务没有要求这个单位上报，没有收下。请重新选择补录任务。",
    "campaign_change_never_changes": "补录任务的延期和关闭记录不能更改。",
    "campaign_change_without_a_reason": "请填写原因，所有工作人员都会看到。",
    "campaign_deadline_is_past": "截止日期不能早于今天，请重新填写。",
    "campaign_deadline_only_moves_later": "新的截止日期要晚于原来的，也不能早于今天，请重新填写。",
    "campaign_is_closed": "该补录任务已关闭，不再接收文件和上报。还有数据要补录的，请联系省里承办部门负责人另开补录任务。",
    "campaign_is_over": "该补录任务已过截止日期，不再接收文件和上报。需要延期的，请联系省里承办部门负责人。",
    "campaign_name_is_taken": "已有同名的补录任务，请换一个名称。",
    "campaign_years_are_wrong": "起始年份不能晚于截止年份，截止年份不能晚于今年，请重新填写。",
    "body_is_recorded_already": "这个名称的鉴定机构已经登记过，请在列表中查找后更改。",
    "capacities_exclude_each_other": "系统管理员、安全管理员和审计管理员不能兼任其他身份，也不能互相兼任。请先终止已有的身份，或授予别人。",
    "capacity_grant_never_changes": "授予身份的记录不能删除，只能提前终止。",
    "capacity_is_not_delegated": "这个身份不能委托代理。",
    "certificate_already_in_register": "证书编号已在证书库中，整批没有上网。请退回该批次：更改已上网的证书应走更正。",
    "certificate_changed_meanwhile": "检查以后，批次中有证书又有了新的版本，原来核对的更改前后已不是现在的。请退回该批次，重新上传检查。",
    "certificate_not_in_register": "批次中有证书不在证书库中，不能更改。请退回该批次，核对证书编号。",
    "certificate_of_another_office": "批次中有证书由别的上报单位上报，不能由本单位更改。请退回该批次，转交该单位或省中心办理。",
    "change_not_possible_in_this_state": "批次中有证书现在的状态不能这样更改：已撤销的只能恢复，没有撤销的不能恢复。请退回该批次核对。",
    "changed_fields_are_others": "批次中标明的更正项目与实际的差别不一致，不能办理。请退回该批次，重新上传检查。",
    "content_changed_since_seen": "您看过之后数据有变化，没有签字。请刷新页面，重新核对后再签。",
    "coverage_needs_its_day": "“已齐全”要写明从哪一天起，日期不能晚于今天。请重新填写。",
    "delegate_of_another_office": "代理人须是同一单位的人员。请核对工号，或请系统管理员更改其所属单位。",
    "delegate_without_an_account": "代理人须是另一位有在用账号的人员。请核对工号。",
    "delegation_exists_already": "这段时间已有人代理这个身份，或代理人已有这个身份。请先结束原来的代理，或另选时间。",
    "delegation_lasts_thirty_days_at_most": "代理期限要在今天以后，最长 30 天。请重新填写。",
    "delegation_without_the_capacity": "被代理人在这段时间内没有这个身份，不能委托代理；代理得来的身份不能再转委托。",
    "deletions_are_suspended": "按规定现在暂停一切删除，没有删除。何时恢复，请向安全管理员了解。",
    "earlier_publication_has_no_root": "更早一次上网的校验值还没有写入，请先完成那一次。",
    "effective_time_in_the_future": "办理时间不能晚于现在。",
    "effective_time_outside_demo": "只有演示系统可以补记办理时间。",
    "explanation_is_not_due": "现在不用说明：批次没有需要说明的提醒，或已经签字。请刷新页面查看状态。",
    "explanation_says_nothing": "请写明原因，后面的签字人都会看到。",
    "grant_ends_without_a_reason": "请填写终止身份的原因。",
    "grant_has_ended": "这个身份已经终止，不用再办理。请刷新页面查看。",
    "grant_only_ends_earlier": "授权只能提前终止，不能延长。需要延长的，请安全管理员重新授权。",
    "grant_to_oneself": "不能给自己授予身份，请由另一位安全管理员办理。",
    "hand_made_without_a_reason": "文件是人工整理的，请填写原因，所有签字人都会看到。",
    "holiday_is_named_twice": "同一天只能写一次：或放假，或上班，或恢复。请核对。",
    "holiday_is_past": "已经过去的日子和年份不能再改：当时的上报和上网是按当时的日历办的。",
    "holidays_moved_since_seen": "看过变动之后，日历又有变化。请再看一遍会移动哪些日期，再保存。",
    "holidays_say_nothing": "请至少写一天，或者选择这份通知公布的年份。",
    "holidays_without_a_notice": "请填写通知的文号。",
    "import_profile_never_changes": "导入方案的每一版保存后不能更改，请另存为新的一版。",
    "incident_acknowledgement_never_changes": "阅知记录不能更改。",
    "incident_begins_in_the_future": "起始时间不能晚于现在，请重新填写。",
    "incident_is_acknowledged": "您已经记录过阅知。",
    "incident_is_closed": "该事件已经办结，不能再更改。有新情况的，请另立事件。",
    "incident_never_changes": "办结的事件不能更改；事件的内容不能删除。",
    "incident_of_the_own_account": "事件涉及您自己的账号，请由另一位安全管理员办理。",
    "incident_suspicion_stays": "“涉嫌违法”一经标注，到事件办结时才结束，不能取消。",
    "incident_unknown_to_leaders": "涉嫌违法的事件，须先由承办部门负责人或分管领导记录阅知，才能办结。请先报告。",
    "incident_without_a_description": "请填写情况说明。",
    "incident_without_a_report": "请填写处理报告，说明查明的情况、采取的措施和结论。",
    "incident_without_an_account": "账号失窃的事件要写明是哪个账号。",
    "installation_never_changes": "系统性质在建立时确定，不能更改。",
    "key_is_still_in_use": "还有证件号码是用旧密钥加密的，旧密钥不能停用。",
    "last_verification_found_differences": "最近一次核对发现证书库或审计链与签字的内容不一致，已停止上网。请系统管理员查明原因，核对无误后再办理。",
    "late_without_a_reason": "已过上网日期，请先填写延迟上网的原因。",
    "no_such_attempt": "没有这个文件，或不是您上传的文件。",
    "no_such_batch": "没有这个批次。",
    "no_such_campaign": "没有这个补录任务。",
    "no_such_incident": "没有这个事件。",
    "no_such_period": "没有这个期次，请从列表中选择。",
    "no_such_release": "没有这个汇总批次。",
    "outside_the_window": "现在不在上报时间内。需要延期的，请联系省里承办部门负责人记录延期。",
    "paper_sheet_is_missing": "缺少纸质审签表，请补充两位签字人、签字日期和扫描件。",
    "paper_sheet_states_something_else": "审签表上的记录数或摘要与文件不一致，没有上报。请核对是否为同一份文件。",
    "paper_signer_of_another_office": "纸质签字人不是该上报单位的人员，请核对工号。",
    "parked_file_is_gone": "这份文件已经导入或移除，或者保留时间已过。请刷新页面查看。",
    "person_acted_in_another_capacity": "您已以其他身份办理过这批数据。同一批数据的各道签字须由不同的人完成。",
    "person_not_entitled": "您现在没有办理这一步的权限。",
    "profile_is_retired": "这个导入方案已停用，请改选其他方案。",
    "profile_title_is_taken": "已有另一个导入方案用这个名称，请换一个名称。",
    "profile_was_saved_meanwhile": "这个导入方案刚刚被别人保存或停用。请刷新页面，看过新的一版后再办理。",
    "problem_change_never_changes": "与上一次文件的比较不能更改。",
    "publication_never_changes": "上网记录不能更改。",
    "release_is_empty": "汇总批次中没有批次。",
    "release_is_not_to_be_backed_up": "汇总批次不在待备份状态，请刷新页面查看。",
    "release_is_not_to_be_published": "汇总批次现在不能上网，请刷新页面查看状态。",
    "release_signatures_incomplete": "汇总批次的签字不完整，或签字后数据有变化，不能上网。请退回重新审签。",
    "required_layout_never_changes": "上报格式是规定的格式，不能更改或停用。请以其他代号另存。",
    "return_is_not_possible": "现在的状态不能退回，或不由您退回。请刷新页面查看状态。",
    "return_without_a_reason": "请填写退回原因，以便对方改正。",
    "root_is_already_set": "该次上网的校验值已经写入，不能更改。",
    "round_moves_by_function": "审签轮次不能直接更改。",
    "row_problem_never_changes": "检查结果不能更改。",
    "row_of_another_kind": "批次中有与批次种类不同的记录，不能签字。请退回该批次，重新上传检查。",
    "rows_published_differ_from_rows_signed": "写入的记录数与签字的不一致，整批没有上网。请联系系统管理员。",
    "signature_is_not_due": "现在不轮到这一步签字，可能别人刚刚办理过。请刷新页面查看状态。",
    "signature_never_changes": "签字不能更改。",
    "staged_row_never_changes": "检查过的记录不能更改，请重新上传文件。",
    "state_begins_at_the_beginning": "批次必须从第一步开始。",
    "state_does_not_move_that_way": "状态刚刚被别人改变，没有办理。请刷新页面查看。",
    "too_many_prechecks": "您今天的预检太多，没有检查。预检的文件保留一天后自动删除，请到时再试；急需检查的，请直接上传。",
    "warning_explanation_never_changes": "说明不能更改。有补充的，请再写一条。",
    "warnings_without_explanation": "检查结果中有需要说明原因的提醒（规则 R-205），还没有说明。请先写明原因，再签字。",
    "verification_never_changes": "核对记录不能更改。",
}


class Refusal(Exception):
    """An act that isn't allowed: key names the rule, detail what it met, sentence() says it to the person."""

    def __init__(self, key: str, detail: str = "") -> None:
        super().__init__(f"{key} {detail}".strip())
        self.key = key
        self.detail = detail

    def sentence(self) -> str:
        """The Chinese sentence for the page."""
        return SENTENCES.get(self.key, "没有办理：不符合规定。请刷新页面后再看，仍有问题请联系系统管理员。")


@contextmanager
def refusals() -> Iterator[None]:
    """Turn the database's own refusals inside into Refusal; every other error passes."""
    try:
        yield
    except DatabaseError as error:
        cause = error.__cause__
        if getattr(cause, "sqlstate", None) != REFUSED:
            raise
        diagnostics = cause.diag  # type: ignore[union-attr]
        raise Refusal(diagnostics.message_primary or "", diagnostics.message_detail or "") from error
