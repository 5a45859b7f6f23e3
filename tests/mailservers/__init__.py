"""Mail servers for the tests: real ones, embedded ones, and ones that fail on order.

`MailServers` (api.py) says what a test may ask of them; the fixture `servers` (tests/conftest.py)
gives one for the whole session. `faulty.py` is used by itself.
"""

from .api import MailServers, Server

__all__ = ["MailServers", "Server"]
