"""Three times what the site sustains, without nginx: it answers as many as it can, tells the others soon, and is well
again right after it. Staff have a process of their own."""

from tests.databases import Copy
from tests.deployment.processes import ask, running_gunicorn, variables_of
from tests.load.overload import UNLIMITED, overload, require_grace
from tests.load.traffic import Pair


def test_the_best_rate_is_kept_the_rest_is_told_soon_and_staff_go_on(fresh_database: Copy, pairs: list[Pair]) -> None:
    public = variables_of(fresh_database, "public", WEB_THREADS="4", **UNLIMITED)
    with running_gunicorn(public) as port, running_gunicorn(variables_of(fresh_database, "staff")) as staff:
        rounds = overload(port, pairs, ask_staff=lambda: ask(f"http://127.0.0.1:{staff}/staff/login/")[0])
        require_grace(rounds)
