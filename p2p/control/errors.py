"""What the caller of a control API gets raised; a NodeError, and so a Web3recError."""

from p2p.errors import NodeError


class ControlError(NodeError):
    """The node refused, or could not be reached; the message says what to do.

    `code` is stable and listed in docs/control-api.md; `status` is HTTP's, 0 where no answer came.
    """

    def __init__(self, code: str, detail: str, status: int = 0) -> None:
        """`detail` is for people, `code` for programs."""
        super().__init__(detail)
        self.code, self.status = code, status
