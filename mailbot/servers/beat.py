"""A sign of life to a monitoring system: an address that is asked for, and whose answer nobody reads."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request

from mailbot.errors import TemporaryFailure
from mailbot.servers.endpoint import why

TIMEOUT = 10.0  # seconds


def beat(url: str) -> None:
    """Raises TemporaryFailure, which does not name the address: it may be all that a monitoring system asks for."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT):
            pass
    except urllib.error.HTTPError as error:
        error.close()
        raise TemporaryFailure("heartbeat", f"HTTP {error.code}") from None
    except urllib.error.URLError as error:
        reason = error.reason
        raise TemporaryFailure("heartbeat", why(reason) if isinstance(reason, OSError) else str(reason)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise TemporaryFailure("heartbeat", why(error)) from None
