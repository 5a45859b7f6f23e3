"""The guard around each step of each mailbox: if one step fails, the others go on."""

from __future__ import annotations

from collections.abc import Callable

from mailbot import log
from mailbot.errors import Damaged, PermanentFailure, TemporaryFailure


def guarded(mailbox: str, what: str, step: Callable[[], bool]) -> bool:
    """Do one step of one mailbox. False: the step must be tried again. Raises only Damaged: then everything stops."""
    try:
        return step()
    except (TemporaryFailure, PermanentFailure) as error:
        log.again(mailbox, what, str(error))
    except Damaged:
        raise
    except Exception as error:
        fault_of_ours(mailbox, what, error)
    return False


def fault_of_ours(mailbox: str, what: str, error: Exception) -> None:
    """Logs a fault with its place in the program. The other steps and mailboxes go on."""
    log.crashed(error)
    log.again(mailbox, what, f"a fault in mailbot itself: {type(error).__name__}")
