class CoreError(Exception):
    """An error of the core: a stable code, a message with the offending value in backticks, perhaps a hint."""

    def __init__(self, code, message, hint=None):
        super().__init__(code, message, hint)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self):
        return f"error[{self.code}]: {self.message}"
