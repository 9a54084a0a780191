"""Bring a translation up to date with its template: ``merge_terms.py POT PO``.

Kept apart from the kit because it needs polib, which only the environment of Odoo
has. Terms that are gone are dropped; new ones are added without a translation.
"""

import sys
from pathlib import Path

import polib


def merge(template: Path, translation: Path) -> None:
    """Rewrite ``translation``, in the order of ``template``."""
    wanted = polib.pofile(str(template))
    known = {}
    if translation.exists():
        known = {(entry.msgctxt, entry.msgid): entry for entry in polib.pofile(str(translation))}
    result = polib.POFile(wrapwidth=78)
    result.header = wanted.header
    result.metadata = {
        key: value
        for key, value in wanted.metadata.items()
        if key not in ("POT-Creation-Date", "PO-Revision-Date")
    }
    result.metadata["Language"] = translation.stem
    for entry in wanted:
        if old := known.get((entry.msgctxt, entry.msgid)):
            entry.msgstr = old.msgstr
            entry.tcomment = old.tcomment
        result.append(entry)
    result.save(str(translation))


if __name__ == "__main__":
    merge(Path(sys.argv[1]), Path(sys.argv[2]))
