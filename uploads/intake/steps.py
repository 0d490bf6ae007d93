"""How far a batch has come: the six steps of the matrix, the state in a word, and what lies before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from uploads.models import Act, Attempt, AttemptState, Batch, Capacity, Release, ReleaseItem, WayIn
from uploads.models.intake import UNCHECKED, BatchState
from uploads.models.release import ReleaseState

STEP_NAMES = ("检查", "经办人签", "主任签", "汇总", "上网", "备份")


class StepState(StrEnum):
    """What a step's dot shows; the values are the stylesheet's names."""

    DONE = "done"
    NOW = "now"
    STOP = "stop"
    AHEAD = "ahead"
    NOT_NEEDED = "none"


@dataclass(frozen=True, slots=True)
class Step:
    """One step; text says the same as the dot."""

    name: str
    state: StepState
    text: str


@dataclass(frozen=True, slots=True)
class Status:
    """The state in a word; tone is good, warn, bad, act or nothing."""

    word: str
    tone: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Where one batch stands."""

    steps: tuple[Step, ...]
    status: Status


UNREPORTED = tuple(Step(name, StepState.AHEAD, f"{name}：尚未开始") for name in STEP_NAMES)


def has_refused(attempt: Attempt | None) -> bool:
    """Whether the file was checked and can't be signed: refused rows, a refused file, or one that can't be read.

    Only for the attempt of a batch in 'draft'; a checked file without errors has moved its batch on.
    """
    return attempt is not None and attempt.state in {AttemptState.CHECKED, AttemptState.UNREADABLE}


def signers_of(batches: Iterable[Batch]) -> dict[int, dict[str, Act]]:
    """For each batch, who signed in its present round, by capacity. One query."""
    rounds = {batch.id: batch.round for batch in batches}
    found: dict[int, dict[str, Act]] = {batch_id: {} for batch_id in rounds}
    acts = Act.objects.filter(batch_id__in=rounds, signature__isnull=False).select_related("person", "signature")
    for act in acts:
        if act.round == rounds[act.batch_id]:
            found[act.batch_id][act.capacity] = act
    return found


def releases_of(batches: Iterable[Batch]) -> dict[int, Release]:
    """For each batch that is in a release, that release. One query."""
    items = ReleaseItem.objects.filter(batch__in=[batch.id for batch in batches], left_at=None)
    return {item.batch_id: item.release for item in items.select_related("release")}


def progress_of(batch: Batch, signers: Mapping[str, Act], release: Release | None) -> Progress:
    """The six steps and the status of one batch."""
    steps = (
        _check(batch),
        _signature(batch, signers, Capacity.CITY_OPERATOR, STEP_NAMES[1], BatchState.CHECKED),
        _signature(batch, signers, Capacity.CITY_DIRECTOR, STEP_NAMES[2], BatchState.SIGNED),
        _collected(batch, release),
        _published(batch, release),
        _backed_up(release),
    )
    return Progress(steps, _status(batch, release))


def _check(batch: Batch) -> Step:
    name, attempt = STEP_NAMES[0], batch.attempt
    if batch.declares_no_data:
        return Step(name, StepState.NOT_NEEDED, f"{name}：本期无数据，无须检查")
    if attempt is None:
        return Step(name, StepState.AHEAD, f"{name}：没有文件")
    if attempt.state in UNCHECKED:
        return Step(name, StepState.NOW, f"{name}：{attempt.get_state_display()}")
    if batch.state == BatchState.DRAFT:
        return Step(name, StepState.STOP, f"{name}：{problem_of(attempt)}，待更换文件")
    return Step(name, StepState.DONE, f"{name}：合格 {attempt.accepted_count:,} 条")


def problem_of(attempt: Attempt) -> str:
    """What keeps a file from being signed, in a word."""
    if attempt.state == AttemptState.UNREADABLE:
        return "文件无法读取"
    if attempt.refused_count:
        return f"{attempt.refused_count:,} 行不合格"
    return "文件不合格"


def _signature(batch: Batch, signers: Mapping[str, Act], capacity: Capacity, name: str, due_in: BatchState) -> Step:
    if batch.way_in == WayIn.PROVINCE:
        return Step(name, StepState.NOT_NEEDED, f"{name}：省本级不签")
    given = signers.get(capacity)
    if given is not None:
        how = "在纸质审签表上" if batch.way_in == WayIn.PAPER else ""
        return Step(name, StepState.DONE, f"{name}：{given.person.name}{how}已签")
    if batch.state == BatchState.RETURNED and capacity == Capacity.CITY_OPERATOR:
        return Step(name, StepState.STOP, f"{name}：已退回，待重新上报")
    if batch.way_in == WayIn.PAPER and batch.state == BatchState.CHECKED:
        return Step(name, StepState.NOW, f"{name}：纸质已签，待省经办人提交")
    if batch.way_in == WayIn.ACCOUNT and batch.state == due_in:
        return Step(name, StepState.NOW, f"{name}：待签字")
    return Step(name, StepState.AHEAD, f"{name}：尚未开始")


def _collected(batch: Batch, release: Release | None) -> Step:
    name = STEP_NAMES[3]
    if release is not None:
        return Step(name, StepState.DONE, f"{name}：已汇总到 {release.number}")
    if batch.state == BatchState.SUBMITTED:
        return Step(name, StepState.NOW, f"{name}：待汇总")
    return Step(name, StepState.AHEAD, f"{name}：尚未开始")


def _published(batch: Batch, release: Release | None) -> Step:
    name = STEP_NAMES[4]
    if batch.state == BatchState.PUBLISHED:
        return Step(name, StepState.DONE, f"{name}：已上网")
    if release is not None:
        return Step(name, StepState.NOW, f"{name}：{release.get_state_display()}")
    return Step(name, StepState.AHEAD, f"{name}：尚未开始")


def _backed_up(release: Release | None) -> Step:
    name = STEP_NAMES[5]
    if release is not None and release.state == ReleaseState.BACKED_UP:
        return Step(name, StepState.DONE, f"{name}：已备份并验证")
    if release is not None and release.state == ReleaseState.PUBLISHED:
        return Step(name, StepState.NOW, f"{name}：待备份")
    return Step(name, StepState.AHEAD, f"{name}：尚未开始")


def _status(batch: Batch, release: Release | None) -> Status:
    attempt = batch.attempt
    if batch.state == BatchState.DRAFT:
        if attempt is None:
            return Status("没有文件", "")
        if has_refused(attempt):
            return Status(problem_of(attempt), "bad")
        return Status(str(attempt.get_state_display()), "act")
    if batch.state == BatchState.CHECKED and batch.way_in != WayIn.ACCOUNT:
        return Status("待提交", "warn")
    if batch.state == BatchState.PUBLISHED and release is not None and release.state == ReleaseState.BACKED_UP:
        return Status("已备份", "good")
    tones = {BatchState.CHECKED: "warn", BatchState.SIGNED: "warn", BatchState.RETURNED: "bad"}
    return Status(str(batch.get_state_display()), tones.get(BatchState(batch.state), "good"))
