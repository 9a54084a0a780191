"""What the clients of all messengers share; plain Python, without Odoo.

* :mod:`.client`: ``ApiClient`` (sending, retries, tokens, counting), ``Endpoint``, ``Policy``
* :mod:`.errors`: the classes of errors, each with the ``action`` to take
* :mod:`.tokens`, :mod:`.budget`: the objects that keep tokens and count calls, and their memory
  versions; a database version has the same methods
* :mod:`.callback`: signature and encryption of events
* :mod:`.paging`: chunks, windows of days, pages
* :mod:`.redaction`: ``Secret`` and ``redact``
"""

from . import redaction
from . import errors
from . import tokens
from . import budget
from . import paging
from . import callback
from . import client
from . import digest
from . import matching
from . import sign_in
