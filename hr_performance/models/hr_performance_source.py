from odoo import api, models


class HrPerformanceSource(models.AbstractModel):
    """What every metric source offers: the registry of sources.

    A source with the key ``K`` is an abstract model ``hr.performance.source.K`` that inherits this
    one, and a value ``K`` added to ``hr.performance.metric.source``. Nothing else registers it.

    All methods serve a whole batch: the number of their queries does not depend on the number of
    employees. They run with the rights of the caller; the engine calls them with sudo, the test
    assistant with the rights of the person who tests.
    """

    _name = "hr.performance.source"
    _description = "Metric Source"

    @api.model
    def _collect(self, metric, employees, date_from, date_to):
        """Measure one metric for all employees of a batch.

        :param metric: one ``hr.performance.metric``; read its configuration with sudo
        :param employees: ``hr.employee`` records, of one company or of several
        :param date_from: first day of the period, local to the employee's company
        :param date_to: last day of the period, included
        :return: ``{employee id: tools.measurement.Measurement}``. An employee left out counts as
            unknown for want of records
        :raises UserError: when the metric cannot be measured at all; only this metric then fails
        """
        raise NotImplementedError

    @api.model
    def _get_operands(self, metric):
        """The metrics that must be measured before this one; none for most sources."""
        return metric.browse()

    @api.model
    def _combine(self, metric, employees, operands):
        """Measure a metric that rests on others; called instead of :meth:`_collect`.

        :param operands: ``{metric: {employee id: Measurement}}`` for all of its operands
        :return: as :meth:`_collect`
        """
        raise NotImplementedError

    @api.model
    def _records_action(self, metric, employee, date_from, date_to, part="numerator"):
        """The records behind one employee's number, to be opened with the reader's own rights.

        :param part: ``numerator``, or ``denominator`` for what a ratio divides by
        :return: an ``ir.actions.act_window`` dictionary, or False where there are no records
        """
        return False

    @api.model
    def _has_records(self, metric):
        """True when :meth:`_records_action` can open something for this metric."""
        return False

    @api.model
    def _check_config(self, metric):
        """Refuse a metric that could not be measured.

        :raises ValidationError: saying what to do
        """
