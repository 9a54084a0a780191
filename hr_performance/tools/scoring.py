"""From a measured number to points, and from points to a total.

Pure functions: the same rule and the same number give the same points, on any machine, at any
time. Nothing is rounded before the total. Unknown is not zero: a line without a value has no
points, neither none nor all of them.

The vocabulary of this module:

attainment
    value / target, as a ratio (1 is the target reached); None where it has no meaning
share
    the part of the weight that is earned, in percent of the weight, from 0 to the cap
points
    weight x share / 100; the weights of a review total 100, so a full review is 100 points
"""

import functools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from decimal import ROUND_FLOOR, Decimal

from .decimals import NumberError, plain, round_half_up, to_decimal
from .errors import CodedError, excerpt
from .expression import Expression, ExpressionError

METHODS = ("linear", "threshold", "bands", "rating", "formula")
DIRECTIONS = ("higher", "lower")
BASES = ("value", "attainment")
COMPARISONS = (">", ">=", "<", "<=", "=")
EFFECTS = ("percent", "points")
REPEATS = ("once", "each")
FORMULA_NAMES = ("value", "target", "start", "weight")

_ZERO, _ONE, _HUNDRED = Decimal(0), Decimal(1), Decimal(100)
_MAX_CAP = Decimal(1000)


class RuleError(CodedError):
    """A rule which cannot be applied.

    Codes about the shape: ``bad_number`` (field), ``bad_shape`` (field), ``unknown_field`` (field),
    ``unknown_choice`` (field, value).
    Codes about a rule: ``weight_out_of_range``, ``cap_out_of_range``, ``floor_out_of_range``,
    ``target_missing``, ``target_equals_start``, ``start_beyond_target`` (higher is better, yet the
    start lies above the target, or the reverse), ``scale_empty`` (the same for a rating),
    ``start_missing``, ``target_not_positive``, ``bands_missing``, ``bands_duplicate`` (bound),
    ``band_share_out_of_range`` (share), ``formula_missing``, ``formula_invalid`` (reason),
    ``repeat_needs_order``.
    Codes about a value: ``rating_out_of_scale`` (value, low, high), ``formula_failed`` (reason).
    """


@dataclass(frozen=True, slots=True)
class Band:
    """One half-open band: from ``lower`` inclusive up to the next band's ``lower`` exclusive.

    :param lower: bound, in the unit of the metric, or in percent of the target
    :param share: percent of the weight earned inside the band
    """

    lower: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class Rule:
    """How one line of a review turns its value into points.

    :param method: ``linear`` in proportion to the target; ``threshold`` all or nothing;
        ``bands`` a share per half-open band; ``rating`` a mark on the scale start..target;
        ``formula`` a share calculated by an expression over value, target, start and weight
    :param direction: ``higher`` is better, or ``lower``
    :param weight: points of a line that reaches its target, 0 to 100
    :param target: in the unit of the metric; for ``rating`` the best mark
    :param start: where progress begins; for ``rating`` the worst mark (0 when left out)
    :param cap: most that can be earned, in percent of the weight; above 100 pays over-achievement
    :param floor: attainment in percent below which a linear line earns nothing
    :param bands: pairs (lower bound, share), any order
    :param basis: what the bands are read on: the ``value`` or the ``attainment`` in percent
    :param formula: text of the expression, giving a share in percent of the weight
    :raises RuleError: for a part that is no number or has another shape. Whether the parts fit
        together is said by :meth:`validate`, and asked again before anything is scored
    """

    method: str = "linear"
    direction: str = "higher"
    weight: Decimal = _HUNDRED
    target: Decimal | None = None
    start: Decimal | None = None
    cap: Decimal = _HUNDRED
    floor: Decimal = _ZERO
    bands: tuple[Band, ...] = ()
    basis: str = "value"
    formula: str | None = None
    problem: RuleError | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self):
        for name in ("weight", "cap", "floor"):
            object.__setattr__(self, name, _number(name, getattr(self, name)))
        for name in ("target", "start"):
            object.__setattr__(self, name, _number(name, getattr(self, name), optional=True))
        object.__setattr__(self, "bands", _read_bands(self.bands))
        if not isinstance(self.formula, str | None):
            raise RuleError("bad_shape", field="formula")
        object.__setattr__(self, "formula", (self.formula or "").strip() or None)
        try:
            self._check()
        except RuleError as problem:
            object.__setattr__(self, "problem", problem)

    @classmethod
    def from_dict(cls, values):
        """Read what :meth:`to_dict` wrote. Fields left out take their default.

        :raises RuleError: for an unknown field, or a part that is no number or has another shape
        """
        _check_fields(cls, values)
        return cls(**values)

    def to_dict(self):
        """Write the rule as JSON-safe values, canonical: equal rules give equal dictionaries."""
        return {
            "method": self.method,
            "direction": self.direction,
            "weight": plain(self.weight),
            "target": plain(self.target),
            "start": plain(self.start),
            "cap": plain(self.cap),
            "floor": plain(self.floor),
            "bands": [[plain(band.lower), plain(band.share)] for band in self.bands],
            "basis": self.basis,
            "formula": self.formula,
        }

    def validate(self, target_required=True):
        """Check that the parts fit together.

        :param target_required: False while the target of each person is not known yet
        :raises RuleError: with the code of the first fault found
        """
        if self.problem:
            raise RuleError(self.problem.code, **self.problem.params)
        if target_required and self.needs_target and self.target is None:
            raise RuleError("target_missing")

    @property
    def needs_target(self):
        """Whether a value cannot be scored without a target."""
        if self.method == "bands":
            return self.basis == "attainment"
        return self.method != "formula"

    def _check(self):
        _check_choice("method", self.method, METHODS)
        _check_choice("direction", self.direction, DIRECTIONS)
        _check_choice("basis", self.basis, BASES)
        if not 0 <= self.weight <= 100:
            raise RuleError("weight_out_of_range", weight=self.weight)
        if not 0 < self.cap <= _MAX_CAP:
            raise RuleError("cap_out_of_range", cap=self.cap, limit=_MAX_CAP)
        if not 0 <= self.floor <= self.cap:
            raise RuleError("floor_out_of_range", floor=self.floor, cap=self.cap)
        if self.method == "formula":
            _compile_formula(self.formula)
        else:
            self._check_start()
        if self.method == "bands":
            self._check_bands()

    def _check_start(self):
        if self.method == "rating" and self.direction == "lower" and self.start is None:
            raise RuleError("start_missing")
        start = _ZERO if self.start is None and self.method == "rating" else self.start
        if start is None or self.target is None:
            return
        equal = start == self.target
        if equal or (start > self.target) != (self.direction == "lower"):
            code = "target_equals_start" if equal else "start_beyond_target"
            code = "scale_empty" if self.method == "rating" else code
            raise RuleError(code, start=start, target=self.target)

    def _check_bands(self):
        if not self.bands:
            raise RuleError("bands_missing")
        for band, following in zip(self.bands, self.bands[1:], strict=False):
            if band.lower == following.lower:
                raise RuleError("bands_duplicate", bound=band.lower)
        for band in self.bands:
            if not 0 <= band.share <= self.cap:
                raise RuleError("band_share_out_of_range", share=band.share, cap=self.cap)
        has_proportion = self.start is not None or self.target is None or self.target > 0
        if self.basis == "attainment" and not has_proportion:
            raise RuleError("target_not_positive", target=self.target)


@dataclass(frozen=True, slots=True)
class LineResult:
    """What one value earned, and why. Everything is None when the value is unknown.

    :param points: points earned, exact; round them only to show them
    :param share: percent of the weight earned, 0 to the cap
    :param attainment: value / target as a ratio, before any limit; for a lower-is-better metric
        target / value; with a start the part of the way covered
    :param met: whether the target is met (equality meets it); None without a target
    :param capped: whether more was achieved than the cap pays
    :param gap: value - target, in the unit of the metric
    :param relative_gap: the gap in percent of the target
    :param steps: the calculation as pairs (code, number), in order. Codes: ``progress``,
        ``attainment``, ``inverse_attainment``, ``best_possible``, ``met``, ``not_met``, ``band``
        (its lower bound), ``below_bands``, ``rating``, ``formula``, ``below_floor``,
        ``below_zero``, ``capped``, ``share``, ``points``; for an unknown value ``no_value``, and
        ``formula`` with None for a formula which rests on something unknown
    """

    points: Decimal | None = None
    share: Decimal | None = None
    attainment: Decimal | None = None
    met: bool | None = None
    capped: bool = False
    gap: Decimal | None = None
    relative_gap: Decimal | None = None
    steps: tuple = ()


_UNKNOWN = LineResult(steps=(("no_value", None),))


@functools.lru_cache(maxsize=4096)
def _rule_from_text(text):
    return Rule.from_dict(json.loads(text))


def rule_from_json(values):
    """Return the rule stored as ``values``, parsed and checked once for all rows that share it.

    :param values: what :meth:`Rule.to_dict` gave, as a dictionary or as JSON text
    :raises RuleError: as :meth:`Rule.from_dict`, and for text that is no JSON
    """
    if isinstance(values, str):
        text = values
    else:
        try:
            text = json.dumps(values)
        except (TypeError, ValueError):
            raise RuleError("bad_shape", field="rule") from None
    try:
        return _rule_from_text(text)
    except json.JSONDecodeError:
        raise RuleError("bad_shape", field="rule") from None


def read_target(values, target):
    """The target of a rule, where one left empty is stored as zero or not at all.

    Zero is a target like any other, such as no complaint at all. It is none only where the rule
    does without: bands over the value itself, and a formula that does not name it.

    :param values: the rule as :meth:`Rule.to_dict` writes it
    """
    is_needed = {
        "bands": values["basis"] == "attainment",
        "formula": re.search(r"\btarget\b", values["formula"] or ""),
    }
    return target or (0 if is_needed.get(values["method"], True) else None)


# -- one line --------------------------------------------------------------------------------------


def score_line(rule, actual):
    """Turn one value into points.

    :param rule: a :class:`Rule`
    :param actual: the measured value in the unit of the metric, or None when unknown
    :return: a :class:`LineResult`
    :raises RuleError: ``rating_out_of_scale``, ``formula_failed``, or what :meth:`Rule.validate`
        says of the rule
    """
    if type(actual) is not Decimal or not actual.is_finite():
        actual = _number("value", actual, optional=True)
    if actual is None:
        return _UNKNOWN
    if rule.problem or (rule.target is None and rule.needs_target):
        rule.validate()
    share, attainment, step = _SCORERS[rule.method](rule, actual)
    if share is None:
        return LineResult(steps=(step,))
    share, capped, limit_step = _limit(rule, share, attainment)
    points = rule.weight * share / _HUNDRED
    steps = (step, ("share", share), ("points", points))
    if limit_step:
        steps = (step, limit_step, *steps[1:])
    gap, relative_gap = _gap(rule.target, actual)
    return LineResult(
        points, share, attainment, _is_met(rule, actual), capped, gap, relative_gap, steps
    )


def _limit(rule, share, attainment):
    """Keep the share between zero and the cap, and apply the floor of a linear line."""
    if share > rule.cap:
        return rule.cap, True, ("capped", rule.cap)
    if share < 0:
        return _ZERO, False, ("below_zero", share)
    if rule.floor and rule.method == "linear" and attainment is not None and share < rule.floor:
        return _ZERO, False, ("below_floor", rule.floor)
    return share, False, None


def _gap(target, actual):
    if target is None:
        return None, None
    gap = actual - target
    return gap, gap * _HUNDRED / abs(target) if target else None


def _is_met(rule, actual):
    if rule.target is None:
        return None
    return actual <= rule.target if rule.direction == "lower" else actual >= rule.target


def _attainment(rule, actual):
    """Return (ratio, code); the ratio is None where the target gives no proportion.

    A target of zero or less has none, nor has a lower-is-better value of zero or less, which
    leaves nothing to divide by: it is the best possible.
    """
    target, start = rule.target, rule.start
    if start is not None:
        return (actual - start) / (target - start), "progress"
    if target <= 0:
        return None, "no_proportion"
    if rule.direction == "higher":
        return actual / target, "attainment"
    if actual <= 0:
        return None, "best_possible"
    return target / actual, "inverse_attainment"


def _score_linear(rule, actual):
    """In proportion to the target; all or nothing where the target gives no proportion."""
    ratio, code = _attainment(rule, actual)
    if code == "no_proportion":
        return _score_threshold(rule, actual)
    if code == "best_possible":
        return rule.cap, None, (code, actual)
    return ratio * _HUNDRED, ratio, (code, ratio)


def _score_threshold(rule, actual):
    ratio, _code = _attainment(rule, actual)
    if _is_met(rule, actual):
        return min(_HUNDRED, rule.cap), ratio, ("met", rule.target)
    return _ZERO, ratio, ("not_met", rule.target)


def _score_bands(rule, actual):
    """The share of the last band that begins at or below the number; none below the first."""
    ratio, code = (None, None) if rule.target is None else _attainment(rule, actual)
    number = actual
    if rule.basis == "attainment":
        number = rule.bands[-1].lower if code == "best_possible" else ratio * _HUNDRED
    for band in reversed(rule.bands):
        if band.lower <= number:
            return band.share, ratio, ("band", band.lower)
    return _ZERO, ratio, ("below_bands", rule.bands[0].lower)


def _score_rating(rule, actual):
    """A mark on a scale: the worst mark earns nothing, the best everything.

    :raises RuleError: ``rating_out_of_scale``; a mark outside its scale is a mistake, not a score
    """
    start = _ZERO if rule.start is None else rule.start
    low, high = min(start, rule.target), max(start, rule.target)
    if not low <= actual <= high:
        raise RuleError("rating_out_of_scale", value=actual, low=low, high=high)
    ratio = (actual - start) / (rule.target - start)
    return ratio * _HUNDRED, ratio, ("rating", actual)


def _score_formula(rule, actual):
    expression = _compile_formula(rule.formula)
    values = {
        "value": actual,
        "target": rule.target,
        "start": rule.start,
        "weight": rule.weight,
    }
    try:
        share = expression.evaluate(values)
    except ExpressionError as error:
        raise RuleError("formula_failed", **{**error.params, "reason": error.code}) from None
    return share, None, ("formula", share)


_SCORERS: dict[str, Callable] = {
    "linear": _score_linear,
    "threshold": _score_threshold,
    "bands": _score_bands,
    "rating": _score_rating,
    "formula": _score_formula,
}


# -- deductions and bonuses ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A deduction or a bonus without weight, applied to the total.

    "More than 3 late arrivals: minus 10 % of the score, once" is
    ``Adjustment("Late arrivals", ">", 3, "percent", -10, "once")``.

    :param label: what people call it
    :param comparison: how the value is compared with the threshold
    :param threshold: in the unit of the metric
    :param effect: ``percent`` of the score before any adjustment, or ``points``
    :param amount: signed; negative deducts
    :param repeat: ``once``, or ``each``: for every full unit beyond the threshold (with ``>=`` and
        ``<=`` the threshold itself counts as the first)
    :raises RuleError: when the parts do not fit together
    """

    label: str
    comparison: str
    threshold: Decimal
    effect: str
    amount: Decimal
    repeat: str = "once"

    def __post_init__(self):
        object.__setattr__(self, "threshold", _number("threshold", self.threshold))
        object.__setattr__(self, "amount", _number("amount", self.amount))
        _check_choice("comparison", self.comparison, COMPARISONS)
        _check_choice("effect", self.effect, EFFECTS)
        _check_choice("repeat", self.repeat, REPEATS)
        if self.repeat == "each" and self.comparison == "=":
            raise RuleError("repeat_needs_order", comparison=self.comparison)

    @classmethod
    def from_dict(cls, values):
        """Read what :meth:`to_dict` wrote; ``repeat`` alone may be left out."""
        _check_fields(cls, values)
        return cls(**values)

    def to_dict(self):
        """Write the adjustment as JSON-safe values, canonical."""
        return {
            "label": self.label,
            "comparison": self.comparison,
            "threshold": plain(self.threshold),
            "effect": self.effect,
            "amount": plain(self.amount),
            "repeat": self.repeat,
        }

    def times(self, value):
        """How often the adjustment applies to a known value: 0, 1, or more when repeated."""
        if not _COMPARE[self.comparison](value, self.threshold):
            return 0
        if self.repeat == "once":
            return 1
        units = int(abs(value - self.threshold).to_integral_value(ROUND_FLOOR))
        return units + 1 if "=" in self.comparison else units


_COMPARE = {
    ">": lambda value, threshold: value > threshold,
    ">=": lambda value, threshold: value >= threshold,
    "<": lambda value, threshold: value < threshold,
    "<=": lambda value, threshold: value <= threshold,
    "=": lambda value, threshold: value == threshold,
}


@dataclass(frozen=True, slots=True)
class AppliedAdjustment:
    """One adjustment that changed a total.

    :param key: the caller's identifier
    :param times: how often it applied
    :param points: its effect in points, exact and signed, before the total stops at zero
    """

    key: object
    label: str
    value: Decimal
    times: int
    points: Decimal


# -- the total -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TotalResult:
    """The total of a review, and what went into it.

    :param total: rounded half up to two decimals, never below zero; None when nothing was measured
        or when a missing value blocks it
    :param base: the exact score before adjustments
    :param measured_weight: sum of the weights of the measured lines
    :param missing: keys of the lines without a value
    :param applied: tuple of :class:`AppliedAdjustment`
    :param unknown_adjustments: keys of the adjustments whose value is unknown: not applied
    :param blocked: whether missing values forbid a total
    """

    total: Decimal | None
    base: Decimal | None
    measured_weight: Decimal
    missing: tuple
    applied: tuple
    unknown_adjustments: tuple
    blocked: bool


def without_points(result):
    """The result of a line as if it had brought nothing; what is unknown stays unknown."""
    if result.points is None:
        return result
    return replace(result, points=_ZERO, share=_ZERO)


def score_total(lines, adjustments=(), missing="exclude"):
    """Add up the lines of one review and apply its adjustments.

    Lines without a value leave the denominator: the points earned are set against the weights that
    could be measured. The result does not depend on the order of lines or adjustments: every
    percentage is one of the score before adjustments.

    :param lines: iterable of (key, weight, :class:`LineResult`)
    :param adjustments: iterable of (key, :class:`Adjustment`, value or None)
    :param missing: ``exclude`` lines without a value, or ``block`` the total
    :raises RuleError: ``unknown_choice`` for another ``missing``
    """
    _check_choice("missing", missing, ("exclude", "block"))
    earned, measured, absent = _ZERO, _ZERO, []
    for key, weight, result in lines:
        if result.points is None:
            absent.append(key)
        else:
            earned += result.points
            measured += weight
    blocked = missing == "block" and bool(absent)
    base = earned * _HUNDRED / measured if measured and not blocked else None
    applied, unknown = _apply(adjustments, base)
    total = None
    if base is not None:
        total = base + sum((adjustment.points for adjustment in applied), _ZERO)
        total = round_half_up(max(total, _ZERO))
    return TotalResult(total, base, measured, tuple(absent), applied, unknown, blocked)


def _apply(adjustments, base):
    applied, unknown = [], []
    for key, adjustment, value in adjustments:
        value = _number("value", value, optional=True)
        if value is None:
            unknown.append(key)
            continue
        times = adjustment.times(value)
        if base is None or not times:
            continue
        points = adjustment.amount * times
        if adjustment.effect == "percent":
            points = base * points / _HUNDRED
        applied.append(AppliedAdjustment(key, adjustment.label, value, times, points))
    return tuple(applied), tuple(unknown)


# -- reading results -------------------------------------------------------------------------------


def rank(scores):
    """Rank a group by competition ranking: equal scores share a rank, the next one skips (1,2,2,4).

    :param scores: mapping from key to score; the highest is first
    :return: dictionary from every key to its rank, None where the score is None
    """
    ranks = dict.fromkeys(scores)
    known = sorted(
        ((score, key) for key, score in scores.items() if score is not None),
        key=lambda pair: pair[0],
        reverse=True,
    )
    previous, position = None, 0
    for place, (score, key) in enumerate(known, start=1):
        if score != previous:
            previous, position = score, place
        ranks[key] = position
    return ranks


@dataclass(frozen=True, slots=True)
class Profile:
    """Keys of the strongest lines, best first, and of the weakest, most points lost first."""

    strengths: tuple
    weaknesses: tuple


def strengths_and_weaknesses(lines, limit=3):
    """Pick what a report names as strengths and as room for improvement.

    A strength meets its target (without a target: earns its whole weight); a weakness does not,
    and lost points by it. A line without a value is neither.

    :param lines: iterable of (key, weight, :class:`LineResult`)
    :param limit: most keys on either side
    """
    strong, weak = [], []
    for order, (key, weight, result) in enumerate(lines):
        if result.points is None:
            continue
        lost = weight - result.points
        if result.met or (result.met is None and result.share >= _HUNDRED):
            strong.append((-result.share, -weight, order, key))
        elif lost > 0:
            weak.append((-lost, result.share, order, key))
    strong.sort(key=lambda entry: entry[:3])
    weak.sort(key=lambda entry: entry[:3])
    return Profile(
        tuple(entry[3] for entry in strong[:limit]), tuple(entry[3] for entry in weak[:limit])
    )


@dataclass(frozen=True, slots=True)
class Pace:
    """Where a value should stand by now.

    :param expected: in the unit of the metric; None where the rule has no plan
    :param behind: None when the value or the plan is unknown
    """

    expected: Decimal | None
    behind: bool | None


def pace(rule, actual, elapsed_share, cumulative):
    """Compare a value with the plan while the period still runs.

    A number that adds up over the period (revenue, visits) is expected to grow evenly from its
    start, or zero, to the target. An average or a ratio is expected at its target all the time. A
    mark on a scale and a formula have no plan.

    :param elapsed_share: part of the period that is over, 0 to 1
    :param cumulative: whether the metric adds up over the period
    """
    if rule.target is None or rule.method in ("rating", "formula"):
        return Pace(None, None)
    actual = _number("value", actual, optional=True)
    expected = rule.target
    if cumulative:
        elapsed = min(max(_number("elapsed_share", elapsed_share), _ZERO), _ONE)
        start = _ZERO if rule.start is None else rule.start
        expected = start + (rule.target - start) * elapsed
    if actual is None:
        return Pace(expected, None)
    return Pace(expected, actual > expected if rule.direction == "lower" else actual < expected)


# -- checks ----------------------------------------------------------------------------------------


def _number(name, value, optional=False):
    try:
        number = to_decimal(value)
    except NumberError:
        raise RuleError("bad_number", field=name, value=excerpt(value)) from None
    if number is None and not optional:
        raise RuleError("bad_number", field=name, value=None)
    return number


def _check_choice(name, value, choices):
    if value not in choices:
        raise RuleError("unknown_choice", field=name, value=value)


def _check_fields(cls, values):
    if not isinstance(values, Mapping):
        raise RuleError("bad_shape", field=cls.__name__)
    known = {item.name: item for item in fields(cls) if item.init}
    for name in values:
        if name not in known:
            raise RuleError("unknown_field", field=name)
    for name, item in known.items():
        if item.default is MISSING and name not in values:
            raise RuleError("bad_shape", field=name)


def _read_bands(bands):
    """Accept :class:`Band` objects or pairs (lower, share); order them by bound."""
    read = []
    try:
        for band in bands or ():
            lower, share = (band.lower, band.share) if isinstance(band, Band) else band
            read.append(Band(_number("bands", lower), _number("bands", share)))
    except (TypeError, ValueError) as error:
        if isinstance(error, RuleError):
            raise
        raise RuleError("bad_shape", field="bands") from None
    return tuple(sorted(read, key=lambda band: band.lower))


@functools.lru_cache(maxsize=1024)
def _compile_formula(text):
    if not text:
        raise RuleError("formula_missing")
    try:
        return Expression(text, FORMULA_NAMES)
    except ExpressionError as error:
        raise RuleError("formula_invalid", **{**error.params, "reason": error.code}) from None
