from typing import NamedTuple

from odoo import api, models

from ..tools import errors


class Trouble(NamedTuple):
    """What an error of an outside system means.

    :ivar code: the system's own code, or a word
    :ivar message: what it said; without secrets, but perhaps with addresses
    :ivar advice: what an administrator can do, in his language
    :ivar action: ``retry`` later, ``skip`` this record, or ``stop`` the run
    :ivar wait: seconds until a retry makes sense
    """

    code: str
    message: str
    advice: str
    action: str = "stop"
    wait: int = 0


class HrPerformanceImProvider(models.AbstractModel):
    """What every outside messenger offers: the registry of providers.

    A provider with the key ``K`` is an abstract model ``hr.performance.im.provider.K`` that
    inherits this one, and a value ``K`` added to ``hr.performance.im.connection.provider``.

    People are common to all: ``hr_performance_im_people`` reads pages through the ``_fetch_…``
    methods here and knows nothing of their origin. What else a provider reads are runs of kinds of
    its own, each with a method ``_plan_<kind>`` and a method ``_step_<kind>``.
    """

    _name = "hr.performance.im.provider"
    _description = "Messenger"

    @api.model
    def _open_client(self, connection, budget):
        """The client that talks to the outside system, with the secrets of the connection.

        :param budget: ``hr_performance_im_usage.Budget``, counts what the outside system counts
        :return: a ``tools.client.ApiClient``, also a context manager that closes it
        :raises UserError: when a setting is missing, saying which
        """
        raise NotImplementedError

    @api.model
    def _get_default_schedule(self):
        """Values of the ``hr.performance.im.schedule`` rows of a new connection."""
        return [{"kind": "people", "interval": 24}]

    @api.model
    def _plan(self, run):
        """The counted calls that a run will need at most; reading people costs none."""
        return 0

    @api.model
    def _read_error(self, error):
        """Say what an error of a client means, and what an administrator can do.

        :param error: a ``tools.errors.ApiError``
        :return: a :class:`Trouble`
        """
        action = {"wait": "retry", "skip": "skip"}.get(error.action, "stop")
        return Trouble(
            error.code, str(error), self._get_advice(error), action, int(error.wait or 0)
        )

    @api.model
    def _get_advice(self, error):
        """What to do about an error, in the reader's language."""
        for kind, advice in self._get_advices(error):
            if isinstance(error, kind):
                return advice
        return self.env._("Look at the answer of the messenger and at its documentation.")

    @api.model
    def _get_advices(self, error):
        """``[(class of errors, what to do)]``, the most special first."""
        _ = self.env._
        return [
            (
                errors.BudgetExhausted,
                _("The calls of the month are used up. Raise the budget, or wait for next month."),
            ),
            (
                errors.QuotaExhausted,
                _(
                    "The messenger's own quota of the month is used up. Buy more calls there, or "
                    "wait for next month."
                ),
            ),
            (
                errors.PermissionMissing,
                _(
                    "The application lacks a permission: %(scopes)s. Apply for it on the "
                    "messenger's console%(link)s, then test the connection again.",
                    scopes=", ".join(error.scopes) or _("see the answer"),
                    link=f" ({error.link})" if error.link else "",
                ),
            ),
            (
                errors.AddressRefused,
                _(
                    "Add the address %(address)s of this server to the application's list of "
                    "allowed addresses.",
                    address=error.address or _("see the answer"),
                ),
            ),
            (
                errors.CredentialsRefused,
                _("Key or secret is wrong. Copy both again from the messenger's console."),
            ),
            (
                errors.TokenRefused,
                _("The messenger refuses a fresh token. Check key, secret and company."),
            ),
            (errors.WrongCompany, _("The answer belongs to another company. Check its id.")),
            (errors.OutOfScope, _("Widen the range of people that the application may see.")),
            (
                errors.NotFound,
                _("It is not there any more. Nothing to do if somebody removed it on purpose."),
            ),
            (
                errors.RateLimited,
                _("Too many calls at once. It is tried again by itself, more slowly."),
            ),
            (
                errors.Banned,
                _("The messenger locked this server out for some minutes. It is tried again."),
            ),
            (
                errors.Unavailable,
                _("The messenger could not be reached. It is tried again by itself."),
            ),
            (
                errors.ConfigurationError,
                _("Something set up on the messenger's side does not fit. Compare the settings."),
            ),
        ]

    @api.model
    def _test(self, connection, client):
        """Try what the connection needs.

        :return: list of ``(what was tried, trouble or None)``
        """
        raise NotImplementedError

    # People

    @api.model
    def _fetch_departments(self, client):
        """All departments below the top, parents before children.

        :return: list of dicts ``external_id``, ``name``, ``parent_external_id``
        """
        raise NotImplementedError

    @api.model
    def _fetch_users(self, client, department_id):
        """The people of a department, not of those below it.

        :return: iterable of pages, lists of dicts with ``external_id`` and
            ``hr_performance_im_people.USER_FIELDS``
        """
        raise NotImplementedError

    @api.model
    def _fetch_user(self, client, external_id):
        """One person with all that is known, his manager included.

        :return: a dict as in :meth:`_fetch_users` with ``manager_external_id``; None when the
            outside system says that he is not there any more
        """
        raise NotImplementedError

    @api.model
    def _fetch_leavers(self, client, since):
        """Records of people who left since a day.

        :return: iterable of pages, lists of dicts ``external_id``, ``left_on``
        """
        return []

    @api.model
    def _get_top_department(self):
        """Outside id of the department at the top; its people are read as well."""
        return "1"

    # Events

    @api.model
    def _handle_events(self, run, client, events):
        """Read again what the events are about. Repeats and disorder do no harm.

        :param events: ``hr.performance.im.event`` records, oldest first
        :return: those that meant something
        """
        raise NotImplementedError
