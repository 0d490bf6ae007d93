"""The Chromium that browser tests drive: the system's, else one that is installed now.

`python -m tests.browser.chromium` finds or installs it before the tests start, so that parallel tests don't both try.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A whole Chromium draws the list below its address bar as two pages of its own, in each context anew; nobody sees it here,
# and it takes twice what a test's own page takes. If the switch stands twice, the last one counts: the other names are
# those that Playwright leaves out.
LEFT_OUT = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
)
SWITCHES = ("--no-sandbox", f"--disable-features={','.join(LEFT_OUT)}")
# Per package manager: the commands that install Chromium, and those that install fonts for the screenshots.
INSTALLERS = {
    "apt-get": (
        [["apt-get", "-qq", "update"], ["apt-get", "-qqy", "install", "--no-install-recommends", "chromium"]],
        [["apt-get", "-qqy", "install", "--no-install-recommends", "fonts-noto-cjk"]],
    ),
    "dnf": (
        [["dnf", "-qy", "install", "chromium"]],
        [["dnf", "-qy", "install", "google-noto-sans-cjk-ttc-fonts"]],
    ),
}


class NoChromiumError(Exception):
    """No Chromium is here and none could be installed; the text says what was tried."""


def find() -> Path | None:
    """The Chromium that is on this machine and answers, or None."""
    for name in NAMES:
        found = shutil.which(name)
        if found and _answers(Path(found)):
            return Path(found)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if _answers(own) else None


@cache
def find_or_install() -> Path:
    """The Chromium to use; installs one by the system's package manager (as root), else by Playwright.

    Raises NoChromiumError if neither brings one.
    """
    found = find()
    if found is not None:
        return found
    tried = []
    for manager, (browser, fonts) in INSTALLERS.items():
        if os.geteuid() == 0 and shutil.which(manager):
            tried.append(manager)
            _run_all(browser)
            _run_all(fonts)
    found = find()
    if found is not None:
        return found
    tried.append("playwright install chromium")
    _run_all([[sys.executable, "-m", "playwright", "install", "chromium"]])
    found = find()
    if found is None:
        raise NoChromiumError(
            "The browser tests need Chromium; there is none here, and none could be installed "
            f"(tried: {', '.join(tried)}). Install the package chromium and run the tests again."
        )
    return found


@contextmanager
def running_chromium(*switches: str) -> Iterator[Browser]:
    """A fresh browser, with more switches than all have."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_or_install(), args=[*SWITCHES, *switches])
        yield chromium
        chromium.close()


def _answers(program: Path) -> bool:
    """Whether a program is there and tells its version; a stand-in that only points to a shop doesn't."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def _run_all(commands: list[list[str]]) -> None:
    """Run commands in turn until one fails; whether they helped is asked of the result, not of them."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in commands:
        if subprocess.run(command, env=environment, stdout=sys.stderr, check=False).returncode != 0:
            return


if __name__ == "__main__":
    try:
        print(f"Browser tests use {find_or_install()}.")
    except NoChromiumError as reason:
        sys.exit(str(reason))
