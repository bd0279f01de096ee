"""A mistake of the person at the keyboard."""


class UserError(Exception):
    """What was wrong, where, and what would be right; shown without a traceback, exit status 2.

    Args:
        problems: one message each, complete in itself. All that are known are raised at once.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
