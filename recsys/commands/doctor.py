"""Say what is installed, what it enables, and what this machine has."""

import os
import platform
import shutil
import sys
from collections.abc import Sequence
from importlib import metadata

from recsys import __version__
from recsys.ops.paths import cache_home, data_home

EXTRAS = {
    "dev": "the test suite, the type checker and the import contracts (scripts/test)",
    "sql": "events from PostgreSQL (data=sql)",
    "text": "pretrained sentence encoders (encoders/text=sentence)",
    "trees": "gradient-boosted trees (model=lightgbm)",
}
"""What each extra of pyproject.toml enables."""


def main(argv: Sequence[str]) -> int:
    """Run the command; exit status 1 where a required package is missing or outside its range."""
    if argv:
        print("recsys doctor takes no further words")
        return 0 if argv[0] in ("-h", "--help") else 2
    print(f"recsys {__version__}, Python {platform.python_version()}, {platform.platform()}\n")
    wrong = _packages()
    _extras()
    _machine()
    for line in wrong:
        print(f"error: {line}", file=sys.stderr)
    return 1 if wrong else 0


def _requirements() -> list[tuple[str, str, str]]:
    """Name, range and extra of everything that pyproject.toml asks for."""
    from packaging.requirements import Requirement

    found = []
    for text in metadata.requires("recsys") or []:
        need = Requirement(text)
        marker = str(need.marker or "")
        extra = marker.partition("extra ==")[2].strip(" \"'")
        found.append((need.name, str(need.specifier), extra))
    return found


def _packages() -> list[str]:
    """Print the required packages; what is wrong with them."""
    from packaging.specifiers import SpecifierSet

    print("packages")
    wrong = []
    for name, wanted, extra in sorted(_requirements()):
        if extra:
            continue
        version = _version(name)
        fits = version is not None and SpecifierSet(wanted).contains(version, prereleases=True)
        print(f"  {name:<20} {version or 'missing':<14} {'' if fits else 'wanted: '}{wanted}")
        if not fits:
            wrong.append(f"{name}: {version or 'missing'}, wanted {wanted}; pip install '{name}{wanted}'")
    return wrong


def _extras() -> None:
    print("\nextras")
    for extra, enables in EXTRAS.items():
        missing = [name for name, _, of in _requirements() if of == extra and _version(name) is None]
        state = f"missing {', '.join(missing)}: pip install 'recsys[{extra}]'" if missing else "present"
        print(f"  {extra:<20} {enables}: {state}")


def _machine() -> None:
    import torch

    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    print("\nmachine")
    print(f"  {'cores':<20} {os.cpu_count()}, torch uses {torch.get_num_threads()} threads")
    print(f"  {'memory':<20} {_memory()}")
    print(f"  {'GPU':<20} {gpu}")
    for name, folder, variable in (
        ("data", data_home(), "RECSYS_DATA"),
        ("cache", cache_home(), "RECSYS_CACHE"),
    ):
        print(f"  {name:<20} {folder} ({variable}{'' if os.environ.get(variable) else ' is not set'})")
        if name == "data" and folder.is_dir():
            sets = sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name[0] != ".")
            print(f"  {'':<20} has {', '.join(sets) or 'nothing yet'}")
    home = next(path for path in (cache_home(), *cache_home().parents) if path.exists())
    print(f"  {'free disk':<20} {shutil.disk_usage(home).free / 2**30:.0f} GiB at the cache")


def _memory() -> str:
    """Total and available memory, where the system says."""
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        total, free = (os.sysconf(name) * page / 2**30 for name in ("SC_PHYS_PAGES", "SC_AVPHYS_PAGES"))
    except (ValueError, OSError, AttributeError):
        return "unknown"
    return f"{total:.0f} GiB, {free:.0f} GiB free"


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
