from odoo import api, models


class HrPerformanceChannel(models.AbstractModel):
    """What every channel of messages offers: the registry of channels.

    A channel with the key ``K`` is an abstract model ``hr.performance.channel.K`` that inherits
    this one, and a value ``K`` added to ``hr.performance.message.channel``. Nothing else registers
    it. Who is told what, when and by which channel is decided by the outbox; a channel carries.

    All methods serve a whole batch and run as the superuser.
    """

    _name = "hr.performance.channel"
    _description = "Message Channel"

    #: Whether sending leaves the database. Inside, a message is sent in the transaction that notes
    #: it as sent. Outside, the state "sending" is committed before :meth:`_send` is called, so that
    #: a process killed half-way leaves the state "unknown" and never sends the same message again.
    _is_outside = True
    #: How many messages are handed over in one call at most.
    _batch_size = 100

    @api.model
    def _get_reachable(self, users):
        """The users among these whom the channel reaches."""
        raise NotImplementedError

    @api.model
    def _send(self, messages):
        """Hand over the messages, each to its reader (``message.user_id``).

        Their texts are ``raw_subject`` and ``raw_body``, in plain text and in the reader's
        language; ``_get_url()`` is where they lead. Outside the database this runs between two
        transactions: it may call services, and must not rely on what it writes itself.

        :return: ``{message: tools.outbox.Outcome}``; of a message left out the outcome is unknown.
            An error says that nobody knows what became of the batch; inside the database, where
            all is undone, it is tried again
        """
        raise NotImplementedError

    @api.model
    def _fetch(self, messages):
        """Ask what became of messages whose outcome was ``accepted``, by their ``reference``.

        :return: ``{message: Outcome}``; who is left out is asked for again later
        """
        return {}
