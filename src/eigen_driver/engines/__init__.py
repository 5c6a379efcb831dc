"""The engines of other makers, one file each: only that file knows its SDK."""
