"""The gate's library is imported in any process, also where PySpark stands beside it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
QUESTION = """
import sys
sys.path.insert(0, {root!r})
from pipelines.quality.named_main import named_main
main = sys.modules["__main__"]
assert not hasattr(main, "__file__")
with named_main():
    assert main.__file__
assert not hasattr(main, "__file__")
import pipelines.quality.suites
print("imported")
"""


def test_a_process_without_a_main_file_imports_the_gate() -> None:
    words = [sys.executable, "-W", "ignore", "-c", QUESTION.format(root=str(ROOT))]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "imported", done.stderr[-500:]
