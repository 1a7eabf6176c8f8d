"""What can go wrong in the harness.

HarnessError
├ MissingTool           a program is not on this machine and was not fetched
├ StartError            a server ended, or did not answer, while it was started
├ WaitError             something that had to happen did not happen in time
├ CommandError          a program that was run ended with another exit code than expected
├ ImageError            an image does not obey the rules that it must obey to be unpacked
├ NodeUnreachableError  nobody answers at the node's address
└ RpcFailure            the node answered a call with an error (`code`, `message`)
"""

from __future__ import annotations


class HarnessError(Exception):
    """The root of everything that the harness raises on purpose. Never thrown directly."""


class MissingTool(HarnessError):  # noqa: N818 - says what is the matter
    """A program that the harness needs is missing; the message says what to install or set."""


class StartError(HarnessError):
    """A server did not come up; the message ends in the last lines of its log."""


class WaitError(HarnessError):
    """A condition stayed false for the whole time that it was given."""


class CommandError(HarnessError):
    """A program ended with an unexpected exit code; the message holds what it printed."""


class ImageError(HarnessError):
    """An image or its layout is not what it claims to be, or may not be unpacked safely."""


class NodeUnreachableError(HarnessError):
    """No answer from the node: it is not running, or it hung up. Whether the call took effect is not known."""


class RpcFailure(HarnessError):  # noqa: N818 - RpcError is the wallet's
    """The node refused a call. `code` is Bitcoin Core's RPC error code, such as -25."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{message} (code {code})")
        self.code = code
        self.message = message
