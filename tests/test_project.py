"""What holds the project together: what is installed, what imports what, what is promised."""

import ast
import re
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import kernels
import realtime
from realtime.__main__ import COMMANDS
from realtime.commands.errors import MEANING

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS = ("realtime", "kernels", "engines", "bench")
PAGE = ROOT / "realtime/server/page"
TAG = "-py3-none-any"
SOURCES = [path for package in OURS for path in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize("package", [kernels, realtime])
def test_the_package_is_ours_and_not_one_of_the_same_name(package: object):
    assert Path(str(getattr(package, "__file__", ""))).parent.parent == ROOT


def test_one_version_is_installed_and_told():
    assert version("visavis") == PROJECT["version"]
    assert f"[{PROJECT['version']}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_base_install_is_light():
    names = {Requirement(line).name for line in PROJECT["dependencies"]}
    assert not names & {"torch", "onnx", "onnxruntime", "openvino", "tensorflow", "triton"}


def test_constraints_pin_what_is_installed():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert all(str(pin.specifier).startswith("==") and pin.url is None for pin in pins)
    pinned = {
        pin.name: str(pin.specifier) for pin in pins if not pin.marker or pin.marker.evaluate()
    }
    for line in PROJECT["dependencies"]:
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate():
            assert pinned[wanted.name] == f"=={version(wanted.name)}"


def test_the_wheel_holds_code_page_and_data(tmp_path: Path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("visavis-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {name.partition("/")[0] for name in names} == {
        *OURS,
        f"{wheel.stem[: -len(TAG)]}.dist-info",
    }
    wanted = [*SOURCES, *(ROOT / "realtime").rglob("*.npz"), *PAGE.iterdir()]
    assert PAGE / "index.html" in wanted
    assert {str(path.relative_to(ROOT)) for path in wanted} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def imported_by(path: Path) -> set[str]:
    """Return the top-level names that the file imports anywhere, type-checking apart."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize(
    "library", ["mediapipe", "pyvirtualcam", "sounddevice", "onnxruntime", "openvino", "tensorrt"]
)
def test_an_optional_library_is_imported_in_one_file(library: str):
    product = [path for path in SOURCES if "bench" not in path.parts]
    users = [str(path.relative_to(ROOT)) for path in product if library in imported_by(path)]
    assert len(users) <= 1, users


def test_help_is_quick_because_it_imports_no_heavy_library():
    code = (
        "import sys, realtime.__main__ as m\n"
        "try: m.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print('heavy:', [n for n in ('numba','mediapipe','torch','av','cv2','aiortc','starlette')"
        " if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "heavy: []" in done.stdout


def test_the_readme_tells_every_command_and_exit_code():
    for name in COMMANDS:
        assert f"visavis {name}" in README
    for code, meaning in MEANING.items():
        assert re.search(rf"\| {code.value} \| {re.escape(meaning)}", README), code


def test_the_readme_links_lead_somewhere():
    targets = re.findall(r"\]\(([^)#:]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_nothing_names_the_place_it_was_written_in():
    """A path of one machine in the source breaks on every other."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    names = [name for name in listed.split("\0") if name and Path(name).suffix in TEXT]
    if not names:
        pytest.skip("not a git checkout")
    found = [
        name
        for name in names
        if (path := ROOT / name).exists()
        and re.search(r"(?<![\w.])/(home|root|Users)/\w", path.read_text(encoding="utf-8"))
    ]
    assert found == []


TEXT = {".py", ".toml", ".md", ".sh", ".txt", ".yaml", ".html", ".js", ".css", ".json"}
