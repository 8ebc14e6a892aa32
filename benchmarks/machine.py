"""What the numbers were measured on."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_CPU_INFO = Path("/proc/cpuinfo")
_MEMORY_INFO = Path("/proc/meminfo")
_STATUS = Path("/proc")
_LIBRARIES = ("onnxruntime", "faiss-cpu", "numpy", "sqlalchemy", "fastapi", "uvicorn")


def describe() -> tuple[tuple[str, str], ...]:
    """Facts about this machine and what runs on it: (what, value)."""
    return (
        ("processor", f"{cpu_model()}, {cores()} cores"),
        ("memory", f"{memory_gb():.0f} GB" if memory_gb() else "unknown"),
        ("system", f"{platform.system()} {platform.release()}"),
        ("Python", platform.python_version()),
        ("libraries", ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES)),
    )


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_model() -> str:
    """The processor's name."""
    for line in _lines(_CPU_INFO):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def memory_gb() -> float:
    """All memory, in GB; 0.0 where it cannot be told."""
    return next((_kb(line) / 1e6 for line in _lines(_MEMORY_INFO) if line.startswith("MemTotal:")), 0.0)


def load() -> float:
    """Processes that wanted to run in the last minute, on average: above the number of cores they wait."""
    return os.getloadavg()[0]


def rss_mb(pid: int) -> float | None:
    """Resident memory of a process in MB; None where /proc does not tell."""
    lines = _lines(_STATUS / str(pid) / "status")
    return next((_kb(line) / 1000 for line in lines if line.startswith("VmRSS:")), None)


def _kb(line: str) -> float:
    """The number of a line like `VmRSS:  1234 kB`, in units of 1,000 bytes."""
    return int(line.split()[1]) * 1024 / 1000


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
