"""What people do in the drill: `python -m tests.drill.walk FOLDER STEP`, run in the machine's network.

FOLDER holds everybody.json (who there is), and gets answers.json (what the visitor read) and the files that were sent back.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.drill.people import PATIENCE, PUBLIC, STAFF, Everybody, browser, confirm, open_account, own_window, sign_in

OFFICE = "3702"
BACKUP_SECONDS = 180


def open_accounts(chromium: Browser, all_of_them: Everybody, folder: Path) -> None:
    """Everybody follows the link."""
    for person in all_of_them.people.values():
        if not person.secret:
            open_account(chromium, person)


def publish(chromium: Browser, all_of_them: Everybody, folder: Path) -> None:
    """A city's file, from the upload to three proven copies."""
    batch = send(chromium, all_of_them, folder)
    head = sign_in(chromium, all_of_them["department_head"])
    head.goto(f"{STAFF}/staff/calendar/extensions/new/")
    head.locator("[name=closes_at]").fill(f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%dT%H:%M}")
    head.locator("[name=reason]").fill("演练")
    confirm(head, all_of_them["department_head"], "记录延期")
    director = sign_in(chromium, all_of_them["city_director"])
    director.goto(batch)
    confirm(director, all_of_them["city_director"], "签字")
    expect(director.get_by_text("已签字并上报省中心。")).to_be_visible()

    deputy = sign_in(chromium, all_of_them["deputy_director"])
    deputy.goto(f"{STAFF}/staff/calendar/orders/new/")
    deputy.locator("[name=reason]").fill("演练")
    confirm(deputy, all_of_them["deputy_director"], "记录指示")

    administrator = sign_in(chromium, all_of_them["network_administrator"])
    administrator.goto(f"{STAFF}/staff/releases/")
    administrator.locator("a[href*='/releases/new/?period=']").first.click()
    administrator.get_by_role("button", name="汇总勾选的批次").click()
    expect(administrator.get_by_role("heading", name="汇总批次")).to_be_visible()
    release = administrator.url
    signer = sign_in(chromium, all_of_them["provincial_operator"])
    for page, who in ((signer, "provincial_operator"), (head, "department_head"), (deputy, "deputy_director")):
        page.goto(release)
        confirm(page, all_of_them[who], "签字")
        expect(page.get_by_role("button", name="签字")).to_have_count(0)
    administrator.goto(release)
    confirm(administrator, all_of_them["network_administrator"], "上传上网")
    wait_for(administrator, release, "已核对", times=3)
    keep(folder, "release", release.removeprefix(STAFF))
    look_up(chromium, all_of_them, folder)


def send(chromium: Browser, all_of_them: Everybody, folder: Path) -> str:
    """The operator's part; the batch's address."""
    (file,) = (folder / "sent").glob("*.xlsx")
    operator = sign_in(chromium, all_of_them["city_operator"])
    operator.goto(f"{STAFF}/staff/batches/upload/")
    operator.get_by_label("上报文件").set_input_files(file)
    operator.get_by_label("考务系统生成").check()
    operator.get_by_role("button", name="上传并检查").click()
    operator.get_by_role("link", name="开始核对").click(timeout=PATIENCE)
    operator.get_by_role("button", name="全部一致").click()
    confirm(operator, all_of_them["city_operator"], "签字")
    expect(operator.get_by_text("已签字。下一步：主任审核签字。")).to_be_visible()
    batch = operator.url.split("#")[0]
    keep(folder, "batch", batch.removeprefix(STAFF))
    return batch


def look_up(chromium: Browser, all_of_them: Everybody, folder: Path) -> None:
    """A visitor's answer, field by field."""
    number, certificate = json.loads((folder / "pair.json").read_text())
    page = own_window(chromium, viewport={"width": 360, "height": 800}).new_page()
    page.goto(PUBLIC)
    page.get_by_label("证件号码").fill(number)
    page.get_by_label("证书编号").fill(certificate)
    page.get_by_role("button", name="查询").click()
    expect(page.locator("main")).to_have_attribute("data-outcome", "found")
    fields = page.locator("[data-field]")
    keep(folder, "found", [fields.nth(place).inner_text() for place in range(fields.count())])


def take_file_back(chromium: Browser, all_of_them: Everybody, folder: Path) -> None:
    """The city's operator downloads the very file that was sent."""
    (file,) = (folder / "sent").glob("*.xlsx")
    page = sign_in(chromium, all_of_them["city_operator"])
    page.goto(STAFF + kept(folder)["batch"])
    with page.expect_download() as coming:
        page.locator("a[href*='/files/']").first.click()
    assert Path(coming.value.path()).read_bytes() == file.read_bytes(), "another file came back"


def wait_for_copies(chromium: Browser, all_of_them: Everybody, folder: Path) -> None:
    """Until the release's page says that all three copies are there again."""
    page = sign_in(chromium, all_of_them["network_administrator"])
    wait_for(page, STAFF + kept(folder)["release"], "已核对", times=3)


def wait_for(page: Page, address: str, text: str, *, times: int) -> None:
    """Look again until the page says it so often."""
    patience = time.monotonic() + BACKUP_SECONDS
    while True:
        page.goto(address)
        said = page.inner_text("main")
        if f"{times} / {times} 份{text}" in said:
            return
        assert time.monotonic() < patience, said
        page.wait_for_timeout(1000)


def kept(folder: Path) -> dict[str, str]:
    """What the steps have noted so far."""
    file = folder / "answers.json"
    found: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    return found


def keep(folder: Path, name: str, value: object) -> None:
    """Note something for the test and for later steps."""
    noted: dict[str, object] = {**kept(folder), name: value}
    (folder / "answers.json").write_text(json.dumps(noted, ensure_ascii=False))


STEPS: dict[str, Callable[[Browser, Everybody, Path], None]] = {
    step.__name__: step for step in (open_accounts, publish, look_up, take_file_back, wait_for_copies)
}


def main() -> None:
    """One step; what everybody has used is kept, whatever happens."""
    folder, step = Path(sys.argv[1]), sys.argv[2]
    everybody = Everybody(folder / "everybody.json")
    try:
        with browser() as chromium:
            STEPS[step](chromium, everybody, folder)
    finally:
        everybody.keep()


if __name__ == "__main__":
    main()
