"""`Observable`: a sum of Pauli products with real weights."""

from __future__ import annotations

import json
from dataclasses import dataclass

from eigen_driver.failure import RefusedError


@dataclass(frozen=True)
class Observable:
    """`terms` pair factors, (letter, qubit) each, with a weight; no factors stand for the identity."""

    digest: str
    num_qubits: int
    terms: tuple[tuple[tuple[tuple[str, int], ...], float], ...]

    @classmethod
    def from_json(cls, digest: str, data: bytes) -> Observable:
        """The observable of a document; RefusedError for one that is none."""
        try:
            document = json.loads(data)
            terms = tuple(
                (tuple((factor[0], int(factor[1:])) for factor in label.split()), float(weight))
                for label, weight in document["terms"]
            )
            return cls(digest, int(document["qubits"]), terms)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise RefusedError("EIGEN_OBSERVABLE_INVALID", f"the document is no observable: {error!r}") from error
