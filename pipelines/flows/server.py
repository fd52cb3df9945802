"""A Prefect server of our own for ``schedule``: the one that Prefect starts beside a flow does not keep schedules."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from schemas.errors import ExamAuditError

READY_WITHIN_S = 90
"""Longest that a server may take to answer after its start."""

_PAUSE_S = 0.5


@contextmanager
def scheduling_server() -> Iterator[str]:
    """The address of a Prefect API that keeps schedules: ``PREFECT_API_URL`` where it is set, else a server of our own.

    Our own server listens on the loopback address only, keeps its database in ``PREFECT_HOME`` and ends with the block.

    Raises:
        ExamAuditError: the server ended or did not answer in time.
    """
    known = os.environ.get("PREFECT_API_URL")
    if known:
        yield known
        return
    port = _free_port()
    address = f"http://127.0.0.1:{port}/api"
    where = ("--host", "127.0.0.1", "--port", str(port))
    command = [sys.executable, "-m", "prefect", "server", "start", *where, "--no-ui"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await_answer(process, f"{address}/health")
        os.environ["PREFECT_API_URL"] = address
        yield address
    finally:
        os.environ.pop("PREFECT_API_URL", None)
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _await_answer(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address on the loopback
                return
        except (urllib.error.URLError, OSError):
            time.sleep(_PAUSE_S)
    raise ExamAuditError(
        "Prefect's server did not start",
        allowed="a server of your own: set PREFECT_API_URL",
        where="prefect server start",
    )
