"""`make bench` measures, writes what scripts read, and leaves nothing else: here with very small sizes, without limits."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.bench.document import document
from tests.databases import PROJECT

# The other parts are tried by make test-full, which installs what load needs (wrk).
LOADED = ["publication", "lookups", "growth", "workers", "overload"]
PARTS = ["intake", "verification", "oracle", "partitions", *(LOADED if os.environ.get("TEST_LOAD") else [])]
SMALL = ["--parts", *PARTS, "--rows", "300", "--pairs", "1", "--slice", "200", "--memory-rows", "500", "--register", "2000",
         "--verified", "400", "--published", "500", "--certificates", "2000", "--seconds", "1", "--oracle", "20",
         "--grown", "3000", "--small", "500", "--half-month", "500", "--entries", "500", "--partitioned", "2000"]  # fmt: skip
LARGEST_ANSWER_SECONDS = 400


def test_the_bench_measures_and_removes_what_it_made(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    out = tmp_path / "figures" / "bench.json"
    run = subprocess.run(
        [sys.executable, "-m", "tests.bench", *SMALL, "--out", str(out)],
        cwd=PROJECT, env=os.environ | {"VAR_DIR": str(tmp_path)}, capture_output=True, text=True,
        timeout=LARGEST_ANSWER_SECONDS, check=False,
    )  # fmt: skip
    # 1 says that a limit wasn't kept, which says nothing at these sizes.
    assert run.returncode in {0, 1}, run.stderr
    result = json.loads(out.read_text(encoding="utf-8"))
    assert set(result) >= {"machine", "figures"}
    assert set(result["parts"]) == {figure["part"] for figure in result["figures"]} == set(PARTS)
    assert {"ratio", "MiB", "s"} <= {figure["unit"] for figure in result["figures"]}
    for figure in result["figures"]:
        assert set(figure) == {"part", "name", "value", "limit", "better", "unit", "against"}
        assert figure["value"] > 0 or figure["unit"] == "wrong"
        assert figure["better"] in {"lower", "higher"}
        assert figure["name"] in run.stdout
        assert figure["name"] in document(result)
    assert [left.name for left in tmp_path.iterdir()] == ["figures"]
