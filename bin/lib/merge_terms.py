"""Bring a translation up to date with its template: ``merge_terms.py POT PO``.

Kept apart from the kit because it needs polib, which only the environment of Odoo
has. Terms that are gone are dropped; new ones are added without a translation. The
dates of export are left out, so that a file changes only when its terms do. Chinese texts
get the punctuation of their script.
"""

import sys
from pathlib import Path

import polib
from chinese_text import full_width

DATES = ("POT-Creation-Date", "PO-Revision-Date")


def merge(template: Path, translation: Path) -> None:
    """Rewrite ``translation`` in the order of ``template``, and that without dates."""
    wanted = _read(template)
    for key in DATES:
        wanted.metadata.pop(key, None)
    wanted.save(str(template))
    known = {}
    if translation.exists():
        known = {(entry.msgctxt, entry.msgid): entry for entry in _read(translation)}
    for entry in wanted:
        if old := known.get((entry.msgctxt, entry.msgid)):
            is_chinese = translation.stem.startswith("zh")
            entry.msgstr = full_width(old.msgstr) if is_chinese else old.msgstr
            entry.tcomment = old.tcomment
    wanted.metadata["Language"] = translation.stem
    wanted.save(str(translation))


def _read(path: Path) -> polib.POFile:
    return polib.pofile(str(path), wrapwidth=78)


if __name__ == "__main__":
    merge(Path(sys.argv[1]), Path(sys.argv[2]))
