"""What is written as JSON."""

from typing import Any

Json = Any  # a JSON value: None, bool, int, float, str, list[Json] or dict[str, Json]
