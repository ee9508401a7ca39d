"""`make audit`: does an advisory name a version that our locks hold?

Exit status 0: none does. 1: some do; they are printed. 2: nobody could be asked, so nothing is known.
"""

import importlib.util
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CLEAN, FOUND, UNKNOWN = 0, 1, 2
NO_TOOL = (
    "pip-audit is not here. It is no part of the environment: run it beside it, for example with\n"
    '  make audit PIP_AUDIT="pipx run pip-audit"'
)


class NotAsked(Exception):
    """The tool is missing, or gave no report: it could not reach the advisories. The message says which."""


def report_of(command: Sequence[str]) -> Any:
    """The JSON that an auditing tool prints, whatever its exit status. Raises NotAsked."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
        return json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotAsked(f"{command[0]}: {error}") from error
    except ValueError as error:
        raise NotAsked(f"{command[0]} gave no report:\n{done.stderr.strip()[-600:]}") from error


def python_findings() -> list[str]:
    """What is known of the locked Python versions. Raises NotAsked."""
    named = shlex.split(os.environ.get("PIP_AUDIT", ""))
    if not named and importlib.util.find_spec("pip_audit") is None:
        raise NotAsked(NO_TOOL)
    tool = named or [sys.executable, "-m", "pip_audit"]
    options = ["--format", "json", "--progress-spinner", "off", "--disable-pip", "--require-hashes"]
    return read_python(report_of([*tool, *options, "-r", "requirements-dev.txt"]))


def read_python(report: Any) -> list[str]:
    """The findings in pip-audit's report. Raises NotAsked for anything else."""
    try:
        return [
            f"{one['name']} {one['version']}: {vulnerability['id']}, mended in {vulnerability.get('fix_versions')}"
            for one in report["dependencies"]
            for vulnerability in one["vulns"]
        ]
    except (TypeError, KeyError) as error:  # also where it skipped one: that one was not checked
        raise NotAsked("pip-audit's report can't be read, or leaves somebody out") from error


def npm_findings() -> list[str]:
    """What is known of the locked npm versions. Raises NotAsked."""
    return read_npm(report_of([os.environ.get("NPM") or "npm", "audit", "--json"]))


def read_npm(report: Any) -> list[str]:
    """The findings in npm's report. Raises NotAsked where it is one about its own failure."""
    try:
        found = report["vulnerabilities"]
        return [f"{name} {one['range']}: {one['severity']}" for name, one in sorted(found.items())]
    except (TypeError, KeyError, AttributeError) as error:
        raise NotAsked("npm could not reach the advisories") from error


def audit(asks: dict[str, Callable[[], list[str]]]) -> int:
    """Ask each, print what they say, and tell the exit status: what was found weighs more than what is not known."""
    status = CLEAN
    for name, ask in asks.items():
        try:
            found = ask()
        except NotAsked as error:
            print(f"{name}: NOT CHECKED. {error}", file=sys.stderr)
            status = status or UNKNOWN
            continue
        print("\n".join([f"{name}: {len(found)} known vulnerabilities", *(f"  {line}" for line in found)]))
        status = FOUND if found else status
    return status


if __name__ == "__main__":
    sys.exit(audit({"Python": python_findings, "npm": npm_findings}))
