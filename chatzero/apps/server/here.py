"""What the studio offers to people at this machine only: its runs, its environment, its conversations."""

from chatzero.apps.server.api_error import ApiError
from chatzero.apps.server.limits import ServerSettings
from chatzero.language import tr


def require_here(settings: ServerSettings) -> None:
    """Raises `ApiError` on a server for a network, whose readers have no business on the machine itself.

    Unless it was said that they may train there.
    """
    if not (settings.is_local or settings.train):
        message = tr("this is shown only on the machine itself", "只有在本机才能查看")
        raise ApiError(403, message, code="local_only")
