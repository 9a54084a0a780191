"""Signing in by a messenger: what proves a person inside the server, and where he may go."""

from urllib.parse import urlsplit


class Proof:
    """That a messenger vouched for a user just now.

    It is an object of this process: no request can carry one, so no credential from outside is
    mistaken for it.
    """

    __slots__ = ("user_id",)

    def __init__(self, user_id):
        self.user_id = user_id


def local_path(path, default):
    """A path on this server, or the default for anything that leads elsewhere.

    >>> local_path("/performance?a=1", "/")
    '/performance?a=1'
    >>> local_path("//evil.example", "/"), local_path("https:/evil.example", "/")
    ('/', '/')
    """
    path = path or ""
    parts = urlsplit(path.replace("\\", "/"))
    clean = all(character.isprintable() for character in path)
    is_local = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if is_local and clean and not parts.scheme and not parts.netloc else default
