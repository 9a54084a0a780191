import ast
from collections import defaultdict
from datetime import date

import psycopg2

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.measurement import divide, known, unknown
from ..tools.period import Period, utc_bounds
from ..tools.rows import Rows, Total, merge

#: Models of the system itself: nobody's work, and some of them are secret.
TECHNICAL_PREFIXES = (
    "auth",
    "base.",
    "bus.",
    "change.password",
    "iap.",
    "ir.",
    "res.config",
    "res.device",
    "res.groups",
    "res.users",
)
PEOPLE_MODELS = ("hr.employee", "res.users")
USUAL_DATES = ("date", "date_order", "check_in", "date_start", "start", "create_date")
USUAL_PEOPLE = ("employee_id", "user_id", "salesman_id", "user_ids", "create_uid")
MEASURED_TYPES = ("integer", "float", "monetary")

#: Up to this many people the records are filtered by them; of a larger batch all groups are read,
#: for a filter by thousands of ids costs more than the groups that it saves.
MAX_FILTERED_PEOPLE = 1000


class HrPerformanceSourceModel(models.AbstractModel):
    """Counts, sums, averages and ratios of the records of any model.

    One aggregate query serves all employees of a company. A ratio takes a second one. Amounts in
    foreign currencies, where there are any, take one more: they are converted at the rate of each
    record's day. Records of other companies are left out where the model knows a company.
    """

    _name = "hr.performance.source.model"
    _inherit = ["hr.performance.source"]
    _description = "Metric Source: Records in Odoo"

    # ------------------------------------------------------------
    # Interface of the sources
    # ------------------------------------------------------------

    @api.model
    def _collect(self, metric, employees, date_from, date_to):
        period = Period(date_from, date_to)
        rows, divisor = self._get_rows(metric), self._get_divisor_rows(metric)
        result = {}
        for company, members in self._get_members(employees).items():
            keys = self._get_keys(rows, members)
            totals = self._read_totals(rows, company, period, set(keys.values()))
            if divisor:
                divisors = self._read_totals(divisor, company, period, set(keys.values()))
                result |= self._get_ratios(metric, members, keys, totals, divisors)
            else:
                result |= self._get_numbers(metric, members, keys, totals)
        return result

    @api.model
    def _records_action(self, metric, employee, date_from, date_to, part="numerator"):
        ratio = self._get_divisor_rows(metric)
        rows = ratio if ratio and part == "denominator" else self._get_rows(metric)
        # sudo: the employee's company and login decide which records are his
        employee = employee.sudo()
        model = self.env[rows.model]
        if not model.has_access("read") or not self._get_own_key(rows, employee):
            return False
        domain = Domain.AND(
            [
                rows.domain,
                self._get_frame_domain(rows, employee.company_id),
                self._get_period_domain(rows, employee.company_id, Period(date_from, date_to)),
                Domain(rows.employee_path, "in", [self._get_own_key(rows, employee)]),
            ]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "%(metric)s: %(employee)s", metric=metric.name, employee=employee.name
            ),
            "res_model": rows.model,
            "views": [(False, "list"), (False, "form")],
            "view_mode": "list,form",
            "domain": self._to_client(domain),
            "context": {"active_test": False, "create": False},
        }

    @api.model
    def _has_records(self, metric):
        return True

    @api.model
    def _check_config(self, metric):
        # what a person may not read he cannot measure, even where the system computes for him
        if self.env.su and self.env.uid != SUPERUSER_ID:
            return self.sudo(False)._check_config(metric.sudo(False))
        config = metric
        model = self._check_model(config)
        self._check_domain(config, model, config.domain)
        if config.is_ratio:
            self._check_domain(config, model, config.denominator_domain)
        self._check_employee_path(config, model)
        self._check_date_path(config, model, config.date_path)
        if config.denominator_date_path:
            self._check_date_path(config, model, config.denominator_date_path)
        self._check_measure(config, model)
        self._check_parameter(config, model)
        self._check_by_reading(config)

    # ------------------------------------------------------------
    # What is read
    # ------------------------------------------------------------

    @api.model
    def _get_rows(self, metric):
        """What the metric reads, as ``tools.rows.Rows``.

        :raises UserError: when the configuration lost a part, such as an uninstalled app
        """
        # sudo: the configuration is kept from plain readers, its result is not
        config = metric.sudo()
        model = self.env.get(config.model_name)
        aggregate = config.aggregate or "count"
        measure = None if aggregate == "count" else config.measure_field_id.name
        paths = (config.date_path, config.employee_path)
        lost = model is None or not all(self._follow(model._name, path) for path in paths)
        if lost or measure is False:
            raise UserError(
                self.env._(
                    "%(metric)s does not say any more which records it reads. Choose them again.",
                    metric=metric.name,
                )
            )
        self._check_domain(config, model, config.domain)
        return Rows(
            model=model._name,
            domain=[*self._parse_domain(config.domain), *self._get_parameter_leaf(config)],
            date_path=config.date_path,
            employee_path=config.employee_path,
            aggregate=aggregate,
            measure=measure,
            currency=self._get_currency_path(config, model),
            include_archived=config.include_archived,
        )

    @api.model
    def _get_divisor_rows(self, metric):
        """What a ratio divides by, as ``tools.rows.Rows``; None when nothing is divided."""
        # sudo: as in _get_rows
        config = metric.sudo()
        if not config.is_ratio:
            return None
        rows = self._get_rows(metric)
        self._check_domain(config, self.env[rows.model], config.denominator_domain)
        domain = self._parse_domain(config.denominator_domain)
        return rows._replace(
            domain=[*domain, *self._get_parameter_leaf(config)],
            date_path=config.denominator_date_path or config.date_path,
        )

    @api.model
    def _get_parameter_leaf(self, config):
        if not config.parameter_path:
            return []
        record = config.parameter_ref
        if not record or not record.exists():
            raise UserError(
                self.env._("%(metric)s: choose what it is measured for.", metric=config.name)
            )
        operator = "child_of" if record._parent_name in record._fields else "="
        return [(config.parameter_path, operator, record.id)]

    @api.model
    def _parse_domain(self, text):
        """A list domain from the text that the domain editor writes; only literals are read.

        :raises ValidationError: when the text is anything else
        """
        try:
            domain = ast.literal_eval(text or "[]")
            if not isinstance(domain, list | tuple):
                raise TypeError(domain)
            Domain(domain)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
            raise ValidationError(
                self.env._(
                    "The condition %(domain)s cannot be read. Use fields and fixed values only; "
                    "for dates also words such as 'today -7d'.",
                    domain=text,
                )
            ) from error
        return domain

    @api.model
    def _get_currency_path(self, config, model):
        """The field by which amounts are grouped before conversion; None in company currency.

        :raises ValidationError: when the currency of a record cannot be told in the database
        """
        field = model._fields.get(config.measure_field_id.name)
        if field is None or field.type != "monetary" or config.aggregate.startswith("count"):
            return None
        name = field.get_currency_field(model)
        currency = model._fields[name]
        depends = self.env.registry.field_depends[currency]
        is_companys = depends and all(path.split(".")[0] == "company_id" for path in depends)
        if is_companys and not currency.store:
            return None
        if currency._description_groupable:
            return name
        raise ValidationError(
            self.env._(
                "The currency of %(field)s is worked out for each record and cannot be converted. "
                "Choose an amount in the company's currency.",
                field=field.string,
            )
        )

    @api.model
    def _get_frame_domain(self, rows, company):
        """Archived records as configured, and no records of other companies."""
        model = self.env[rows.model]
        domain = Domain.TRUE
        active = model._active_name
        named = {condition.field_expr for condition in Domain(rows.domain).iter_conditions()}
        if active and not rows.include_archived and active not in named:
            domain &= Domain(active, "=", True)
        field = model._fields.get("company_id")
        if field is not None and field.comodel_name == "res.company" and field.store:
            domain &= Domain("company_id", "in", [False, company.id])
        return domain

    @api.model
    def _get_period_domain(self, rows, company, period):
        """Days of the period in the company's zone, as a range that an index can serve."""
        *_way, field = self._follow(rows.model, rows.date_path)
        if field.type == "date":
            return Domain(rows.date_path, ">=", period.date_from) & Domain(
                rows.date_path, "<=", period.date_to
            )
        start, end = utc_bounds(period, company._get_performance_tz())
        return Domain(rows.date_path, ">=", start) & Domain(rows.date_path, "<", end)

    # ------------------------------------------------------------
    # People
    # ------------------------------------------------------------

    @api.model
    def _get_members(self, employees):
        """``{company: {employee id: user id or None}}``, read in one query."""
        self.env["hr.employee"].flush_model(["user_id", "company_id"])
        query = SQL(
            "SELECT id, user_id, company_id FROM hr_employee WHERE id = ANY(%s)",
            list(employees.ids),
        )
        members = defaultdict(dict)
        for employee_id, user_id, company_id in self.env.execute_query(query):
            members[company_id][employee_id] = user_id
        # sudo: the caller has the employees; of their companies only zone and currency are read
        companies = self.env["res.company"].sudo()
        return {companies.browse(id_): people for id_, people in members.items()}

    @api.model
    def _get_keys(self, rows, members):
        """``{employee id: what his records are grouped by}``; without a login there is no key."""
        *_way, field = self._follow(rows.model, rows.employee_path)
        if field.comodel_name == "hr.employee":
            keys = {employee_id: employee_id for employee_id in members}
        else:
            keys = {employee_id: user_id for employee_id, user_id in members.items() if user_id}
        if field.type != "one2many" or not keys:
            return keys
        # sudo: only the link between a person and, for example, his contact
        people = self.env[field.comodel_name].sudo().with_context(active_test=False)
        links = people._read_group(
            [("id", "in", list(keys.values()))], [field.inverse_name], ["id:array_agg"]
        )
        owners = {key: record.id for record, person_ids in links for key in person_ids}
        return {employee_id: owners[key] for employee_id, key in keys.items() if owners.get(key)}

    @api.model
    def _get_own_key(self, rows, employee):
        *_way, field = self._follow(rows.model, rows.employee_path)
        return employee.id if field.comodel_name == "hr.employee" else employee.user_id.id

    @api.model
    def _get_group_path(self, rows):
        """What the records are grouped by: a one2many cannot be, so what it belongs to is."""
        *_way, field = self._follow(rows.model, rows.employee_path)
        if field.type == "one2many":
            return rows.employee_path.rpartition(".")[0]
        return rows.employee_path

    # ------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------

    @api.model
    def _read_totals(self, rows, company, period, keys):
        """``{key: tools.rows.Total}`` of the people who have records in the period.

        :param keys: set of ids to group by, or None for everybody; groups of other people may be
            in the result
        """
        path = self._get_group_path(rows)
        domain = Domain.AND(
            [
                rows.domain,
                self._get_frame_domain(rows, company),
                self._get_period_domain(rows, company, period),
            ]
        )
        if keys is not None and len(keys) <= MAX_FILTERED_PEOPLE:
            domain &= Domain(path, "in", list(keys))
        model = (
            self.env[rows.model]
            .with_company(company)
            .with_context(active_test=False, tz=company._get_performance_tz())
        )
        if rows.currency:
            return self._read_amounts(model, rows, domain, path, company)
        return {
            group.id: Total(sample, number or 0.0, *weights)
            for group, sample, number, *weights in model._read_group(
                domain, [path], rows.aggregates
            )
        }

    @api.model
    def _read_amounts(self, model, rows, domain, path, company):
        """Totals of amounts whose currency may differ from record to record."""
        groups = model._read_group(domain, [path, rows.currency], rows.aggregates)
        home = {False, company.currency_id.id}
        totals, is_foreign = {}, False
        for group, currency, sample, number in groups:
            if currency.id in home:
                total = Total(sample, number or 0.0)
                totals[group.id] = merge(rows.aggregate, totals.get(group.id), total)
            else:
                is_foreign = True
        if not is_foreign:
            return totals
        foreign = domain & Domain(rows.currency, "not in", list(home))
        return self._add_foreign(model, rows, foreign, path, company, totals)

    @api.model
    def _add_foreign(self, model, rows, domain, path, company, totals):
        """Add amounts in foreign currencies, at the rate of the day of each record."""
        groups = model._read_group(
            domain, [path, rows.currency, f"{rows.date_path}:day"], rows.aggregates
        )
        days = [fields.Date.to_date(day) for _group, _currency, day, *_numbers in groups]
        rates = self._get_rates({group[1] for group in groups}, company, set(days))
        for (group, currency, _day, sample, number, *_rest), day in zip(groups, days, strict=True):
            amount = (number or 0.0) * rates[day, currency.id]
            part = Total(sample, amount, converted=sample)
            totals[group.id] = merge(rows.aggregate, totals.get(group.id), part)
        return totals

    @api.model
    def _get_rates(self, currencies, company, days):
        """``{(day, currency id): factor into the company's currency}``; one query for each day."""
        home = company.currency_id
        # sudo: rates are the same for every reader
        union = home.sudo().union(*currencies)
        rates = {}
        for day in days:
            by_currency = union._get_rates(company, day)
            for currency in union:
                rates[day, currency.id] = by_currency[home.id] / by_currency[currency.id]
        return rates

    # ------------------------------------------------------------
    # From totals to measurements
    # ------------------------------------------------------------

    @api.model
    def _get_numbers(self, metric, members, keys, totals):
        average = metric.aggregate == "avg"
        is_total = metric.aggregate in (False, "count", "count_distinct", "sum")
        factor, expected = metric.scale_factor, metric.expected_sample
        empty = unknown("no_rows")
        if is_total and metric.empty_as == "zero":
            empty = known(0.0, 0.0, 0, factor, expected)
        no_user = unknown("no_user")
        result = {}
        for employee_id in members:
            key = keys.get(employee_id)
            total = totals.get(key)
            if key is None:
                result[employee_id] = no_user
            elif total is None or not (total.sample or is_total):
                result[employee_id] = empty
            elif average:
                weight = total.sample if total.weight is None else total.weight
                result[employee_id] = divide(
                    total.number, weight, total.sample, factor, expected, self._get_detail(total)
                )
            else:
                result[employee_id] = known(
                    total.number,
                    total.number,
                    total.sample,
                    factor,
                    expected,
                    self._get_detail(total),
                )
        return result

    @api.model
    def _get_ratios(self, metric, members, keys, totals, divisors):
        factor, expected = metric.scale_factor, metric.expected_sample
        nothing = Total(0, 0.0)
        no_user = unknown("no_user")
        result = {}
        for employee_id in members:
            key = keys.get(employee_id)
            if key is None:
                result[employee_id] = no_user
                continue
            total, divisor = totals.get(key, nothing), divisors.get(key, nothing)
            result[employee_id] = divide(
                total.number,
                divisor.number,
                divisor.sample,
                factor,
                expected,
                self._get_detail(total),
            )
        return result

    @api.model
    def _get_detail(self, total):
        return {"converted": total.converted} if total.converted else None

    @api.model
    def _to_client(self, domain):
        """A domain as the web client takes it: plain lists, dates as text."""
        return [
            leaf if isinstance(leaf, str) else (leaf[0], leaf[1], self._to_client_value(leaf[2]))
            for leaf in domain
        ]

    @api.model
    def _to_client_value(self, value):
        if isinstance(value, date):  # a datetime is a date too
            return str(value)
        if isinstance(value, Domain):
            return self._to_client(value)
        return value if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)

    # ------------------------------------------------------------
    # Checks of a configuration
    # ------------------------------------------------------------

    @api.model
    def _is_usable_model(self, name):
        """Whether the current user may measure this model at all."""
        model = self.env.get(name)
        if model is None or model._abstract or model._transient:
            return False
        return not name.startswith(TECHNICAL_PREFIXES) and model.has_access("read")

    @api.model
    def _check_model(self, config):
        name = config.model_name
        if not name:
            raise ValidationError(
                self.env._("%(metric)s: choose which records it reads.", metric=config.name)
            )
        if not self._is_usable_model(name):
            raise ValidationError(
                self.env._(
                    "%(metric)s: %(records)s cannot be measured. Choose business records that you "
                    "may read yourself.",
                    metric=config.name,
                    records=config.model_id.name,
                )
            )
        return self.env[name]

    @api.model
    def _check_domain(self, config, model, text):
        try:
            Domain(self._parse_domain(text)).validate(model)
        except (ValueError, TypeError) as error:
            raise ValidationError(
                self.env._(
                    "%(metric)s: the condition does not fit %(records)s: %(error)s",
                    metric=config.name,
                    records=config.model_id.name,
                    error=error,
                )
            ) from error

    @api.model
    def _check_employee_path(self, config, model):
        way = self._follow(model._name, config.employee_path)
        if way and way[-1].comodel_name in PEOPLE_MODELS:
            if way[-1].type == "one2many":
                way = way[:-1]
            if way and all(field._description_groupable for field in way):
                return
        raise ValidationError(
            self.env._(
                "%(metric)s: “Employee” must lead to a user or an employee through stored fields. "
                "In %(records)s these do: %(fields)s.",
                metric=config.name,
                records=config.model_id.name,
                fields=self._name_fields(model, lambda f: f.comodel_name in PEOPLE_MODELS),
            )
        )

    @api.model
    def _check_date_path(self, config, model, path):
        way = self._follow(model._name, path)
        is_date = way and way[-1].type in ("date", "datetime")
        if is_date and all(field._description_searchable for field in way):
            return
        raise ValidationError(
            self.env._(
                "%(metric)s: “Date” must be a date that can be searched. In %(records)s these "
                "can: %(fields)s.",
                metric=config.name,
                records=config.model_id.name,
                fields=self._name_fields(model, lambda f: f.type in ("date", "datetime")),
            )
        )

    @api.model
    def _check_measure(self, config, model):
        aggregate = config.aggregate or "count"
        if config.is_ratio and aggregate not in ("count", "count_distinct", "sum"):
            raise ValidationError(
                self.env._(
                    "%(metric)s: a ratio divides counts or sums. Choose one of them.",
                    metric=config.name,
                )
            )
        if aggregate == "count":
            return
        field = model._fields.get(config.measure_field_id.name)
        fits = field is not None and field.store and field.column_type
        if aggregate != "count_distinct":
            fits = fits and field.type in MEASURED_TYPES
        if not fits or config.measure_field_id.model_id != config.model_id:
            raise ValidationError(
                self.env._(
                    "%(metric)s: choose the measured field. In %(records)s these can be: "
                    "%(fields)s.",
                    metric=config.name,
                    records=config.model_id.name,
                    fields=self._name_fields(model, lambda f: f.type in MEASURED_TYPES),
                )
            )

    @api.model
    def _check_parameter(self, config, model):
        if not config.parameter_path:
            return
        comodel = self._get_comodel(model._name, config.parameter_path)
        record = config.parameter_ref
        if not comodel or record and record._name != comodel:
            raise ValidationError(
                self.env._(
                    "%(metric)s: “Only for” must lead to another record, such as a product, and "
                    "the chosen one must be of that kind.",
                    metric=config.name,
                )
            )

    @api.model
    def _check_by_reading(self, config):
        """Read an empty period with the rights of the person who configures the metric.

        It refuses fields that he may not read, on the way or at its end, and whatever cannot be
        grouped or added up in the database.
        """
        if config.parameter_path and not config.parameter_ref:
            return
        past = Period(date(1900, 1, 1), date(1900, 1, 1))
        try:
            with self.env.cr.savepoint():
                for rows in filter(None, (self._get_rows(config), self._get_divisor_rows(config))):
                    self._read_totals(rows, self.env.company, past, None)
        except AccessError as error:
            raise ValidationError(
                self.env._(
                    "%(metric)s: it would read what you may not read yourself. %(error)s",
                    metric=config.name,
                    error=error,
                )
            ) from error
        except (ValueError, KeyError, TypeError, NotImplementedError, psycopg2.Error) as error:
            raise ValidationError(
                self.env._(
                    "%(metric)s cannot be measured like this: %(error)s",
                    metric=config.name,
                    error=error,
                )
            ) from error

    # ------------------------------------------------------------
    # Paths
    # ------------------------------------------------------------

    @api.model
    def _follow(self, model_name, path):
        """The fields along a dotted path; empty when it is broken or leads through many records."""
        model, way = self.env.get(model_name), []
        for name in (path or "").split("."):
            if model is None or name not in model._fields or way and way[-1].type != "many2one":
                return []
            field = model._fields[name]
            way.append(field)
            model = self.env.get(field.comodel_name) if field.relational else None
        return way

    @api.model
    def _get_comodel(self, model_name, path):
        """Name of the model at the end of a path of relations; None when there is none."""
        way = self._follow(model_name, path)
        return way[-1].comodel_name if way and way[-1].relational else None

    @api.model
    def _name_fields(self, model, condition):
        """Readable names of the fields that fit, for a message that says what to choose."""
        names = [
            f"{description['string']} ({name})"
            for name, description in model.fields_get(attributes=["string"]).items()
            if condition(model._fields[name]) and model._fields[name]._description_searchable
        ]
        return ", ".join(names) or self.env._("none")

    @api.model
    def _guess_employee_path(self, model):
        for name in USUAL_PEOPLE:
            field = model._fields.get(name)
            if field is not None and field.store and field.comodel_name in PEOPLE_MODELS:
                return name
        return False

    @api.model
    def _guess_date_path(self, model):
        for name in USUAL_DATES:
            field = model._fields.get(name)
            if field is not None and field.store and field.type in ("date", "datetime"):
                return name
        return False
