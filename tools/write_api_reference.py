"""Write the API reference, HTML made from the docstrings by pdoc: a page a module, which works from a file link and asks no host for anything.

python tools/write_api_reference.py site/api                    all rooms
python tools/write_api_reference.py site/api tasks statistics   these alone
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pdoc

import bioinstruct

PACKAGE = "bioinstruct"


def modules(rooms: list[str]) -> Iterator[str]:
    """The importable modules of the rooms (all, where none is named); one that lacks an extra is left out and said on standard error."""
    if not rooms:
        yield PACKAGE
    for found in pkgutil.walk_packages(bioinstruct.__path__, f"{PACKAGE}."):
        room = found.name.split(".")[1]
        if room == "__main__" or (rooms and room not in rooms):
            continue
        try:
            importlib.import_module(found.name)
        except ImportError as error:
            print(f"left out {found.name}: {error}", file=sys.stderr)
        else:
            yield found.name


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("to", type=Path)
    parser.add_argument("rooms", nargs="*")
    given = parser.parse_args()
    known = {found.name for found in pkgutil.iter_modules(bioinstruct.__path__)}
    if strange := [room for room in given.rooms if room not in known]:
        print(f"rooms: got '{strange[0]}'; allowed: {', '.join(sorted(known))}", file=sys.stderr)
        return 2
    pdoc.render.configure(docformat="google", show_source=False, search=False)
    names = list(modules(given.rooms))
    with warnings.catch_warnings():
        # pdoc would leave out the modules of a package with `__all__`, and says of those of the others that they are named twice;
        # names that are imported for type checkers alone stand on its pages as they are written.
        warnings.filterwarnings("ignore", message="The module specification|Error parsing type annotation")
        pdoc.pdoc(*names, output_directory=given.to)
    print(f"{len(names)} modules: {given.to / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
