"""The reference of the language: one table of all its names, from which the prelude and the documentation are made."""

from eigen.lang.library.catalogue.entry import Entry
from eigen.lang.library.catalogue.table import ENTRIES, GROUPS

__all__ = ["ENTRIES", "GROUPS", "Entry"]
