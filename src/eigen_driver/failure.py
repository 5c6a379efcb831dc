"""`RefusedError`: what a driver says when it cannot or will not, in a code of the table of errors."""

from __future__ import annotations


class RefusedError(Exception):
    """A failure with a code that Eigen OS knows.

    EIGEN_DEVICE_OPTION (an option that is unknown or cannot be honoured, by name), EIGEN_SIM_UNSUPPORTED (a question
    that the device does not answer), EIGEN_SIM_MEMORY, EIGEN_DEVICE_UNKNOWN, EIGEN_DEVICE_FAILED (whatever else).
    """

    def __init__(self, code: str, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.where = where
        self.hint = hint
