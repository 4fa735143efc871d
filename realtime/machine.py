"""What this machine is made of, as far as it can be told; what cannot is None."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
from pathlib import Path


def cpu() -> str | None:
    """Return the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine() or None
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine() or None)


def cores() -> int | None:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def memory_gib() -> float | None:
    """Return how much memory there is."""
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
    return round(total / 2**30, 1)


def gpus() -> tuple[str, ...]:
    """Return name and driver of each NVIDIA GPU."""
    said = output_of("nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader")
    return tuple((said or "").splitlines())


def version_of(package: str) -> str | None:
    """Return the version of an installed ``package``, by its name on PyPI."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def output_of(*command: str) -> str | None:
    """Return what ``command`` prints; None where it is absent, fails or takes longer than 10 s."""
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
