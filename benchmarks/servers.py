"""Streamlit servers that live for one measurement, and what they use."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.settings import ROOT

# For a start that reads ten million lines before its first answer.
PATIENCE_SECONDS = 300


@dataclass(frozen=True)
class Server:
    """A running server: its address, and what its processes have used so far."""

    url: str
    process: psutil.Process

    def processor_seconds(self) -> float:
        """Processor time since the start, of all its processes."""
        return sum(p.cpu_times().user + p.cpu_times().system for p in self._processes())

    def resident_bytes(self) -> int:
        """Memory that is resident now, of all its processes."""
        return sum(p.memory_info().rss for p in self._processes())

    def _processes(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@contextmanager
def serve(
    script: Path, environment: dict[str, str] | None = None, root: Path = ROOT
) -> Iterator[Server]:
    """`streamlit run script` on a free port, under a checkout's own settings, until the end.

    Every script is served with the same settings, so that only the scripts differ.
    """
    port = _free_port()
    flags = [f"--server.port={port}", "--server.address=127.0.0.1"]
    with tempfile.TemporaryFile() as log:
        started = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(script), *flags],
            cwd=root,
            env={**os.environ, **(environment or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            if not _is_healthy(f"{url}/_stcore/health", started):
                log.seek(0)
                raise RuntimeError(f"{script} did not start:\n{log.read().decode()}")
            yield Server(url, psutil.Process(started.pid))
        finally:
            started.terminate()
            try:
                started.wait(timeout=10)
            except subprocess.TimeoutExpired:
                # A server that still answers someone waits for them; nobody is left here.
                started.kill()
                started.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _is_healthy(url: str, process: subprocess.Popen) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS):
                return True
        except OSError:
            time.sleep(0.05)
    return False
