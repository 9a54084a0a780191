"""Formulas typed by people: arithmetic over a closed list of names, and nothing else.

The text is parsed by Python's own parser and compiled, node by node, into functions over
``Decimal``. No node that is not listed here is ever executed: no attribute, no subscript, no
string, no call but of the listed functions. Nothing is handed to ``eval``.
"""

import ast
import decimal
import operator
from decimal import Decimal

from .decimals import NumberError, round_half_up, to_decimal
from .errors import CodedError

MAX_LENGTH = 1000
#: A sum of n terms is n levels deep.
MAX_DEPTH = 60
MAX_NODES = 300
MAX_POWER = 32
MAX_ROUND_DIGITS = 12
MAX_CONSTANT = Decimal(10) ** 30

_CONTEXT = decimal.Context(
    prec=28,
    Emax=5000,
    Emin=-5000,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
_TRUE, _FALSE = Decimal(1), Decimal(0)


class ExpressionError(CodedError):
    """A formula that cannot be read or calculated.

    Codes while reading: ``empty``, ``too_long``, ``bad_character``, ``too_deep``,
    ``too_complex``, ``syntax``, ``not_allowed``, ``unknown_name``, ``unknown_function``,
    ``wrong_arguments``, ``bad_constant``.
    Codes while calculating: ``division_by_zero``, ``power_too_large``, ``not_a_number``,
    ``number_too_large``, ``bad_value``.
    """


class Expression:
    """A formula compiled once and evaluated many times.

    Allowed: ``+ - * / // % **``, signs, comparisons, ``and or not``, ``a if test else b``, and the
    functions ``min max abs round sum coalesce``. A comparison gives 1 or 0. ``//`` and ``%`` round
    down, as in a spreadsheet. An unknown operand makes the result unknown (None); ``coalesce``
    alone replaces it. ``and``, ``or`` and ``if`` calculate only what they need, so that a formula
    can guard itself: ``a / b if b else 0``.

    :param text: what the person typed, ASCII, on one line
    :param names: the names that the formula may read
    :raises ExpressionError: when the text is anything but such a formula
    """

    __slots__ = ("_run", "names_used", "text")

    def __init__(self, text, names):
        tree = _parse(text)
        compiler = _Compiler(frozenset(names))
        self.text = text.strip()
        self._run = compiler.compile(tree.body)
        self.names_used = frozenset(compiler.used)

    def __repr__(self):
        return f"Expression({self.text!r})"

    def evaluate(self, values):
        """Calculate the formula.

        :param values: mapping from name to number or None; a name left out is unknown
        :return: ``Decimal``, not rounded, or None when it rests on something unknown
        :raises ExpressionError: for a division by zero or a number out of bounds
        """
        operands = {name: _operand(name, values.get(name)) for name in self.names_used}
        try:
            with decimal.localcontext(_CONTEXT):
                result = self._run(operands)
        except (decimal.DivisionByZero, ZeroDivisionError):
            raise ExpressionError("division_by_zero", formula=self.text) from None
        except decimal.Overflow:
            raise ExpressionError("number_too_large", formula=self.text) from None
        except decimal.InvalidOperation:
            raise ExpressionError("not_a_number", formula=self.text) from None
        if result is not None and not result.is_finite():
            raise ExpressionError("not_a_number", formula=self.text)
        return result


def _operand(name, value):
    try:
        return to_decimal(value)
    except NumberError:
        raise ExpressionError("bad_value", name=name) from None


# -- reading ---------------------------------------------------------------------------------------


def _parse(text):
    if not isinstance(text, str) or not text.strip():
        raise ExpressionError("empty")
    if len(text) > MAX_LENGTH:
        raise ExpressionError("too_long", length=len(text), limit=MAX_LENGTH)
    for character in text:
        if not " " <= character <= "~" or character == "#":
            raise ExpressionError("bad_character", character=character)
    _check_brackets(text)
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ExpressionError("syntax", formula=text) from None
    _check_size(tree)
    return tree


def _check_brackets(text):
    """Refuse deep nesting before the parser sees it, for the parser itself is recursive."""
    depth = 0
    for character in text:
        if character in "([{":
            depth += 1
            if depth > MAX_DEPTH:
                raise ExpressionError("too_deep", limit=MAX_DEPTH)
        elif character in ")]}":
            depth -= 1


def _check_size(tree):
    level, count = [tree.body], 0
    for _depth in range(MAX_DEPTH):
        count += len(level)
        if count > MAX_NODES:
            raise ExpressionError("too_complex", limit=MAX_NODES)
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    raise ExpressionError("too_deep", limit=MAX_DEPTH)


# -- calculating -----------------------------------------------------------------------------------


def _divide(left, right):
    if not right:
        raise ZeroDivisionError
    return left / right


def _floor_divide(left, right):
    return _floor_divmod(left, right)[0]


def _modulo(left, right):
    return _floor_divmod(left, right)[1]


def _floor_divmod(left, right):
    """``Decimal`` truncates towards zero; people and spreadsheets expect the floor."""
    if not right:
        raise ZeroDivisionError
    quotient, remainder = divmod(left, right)
    if remainder and (remainder < 0) != (right < 0):
        return quotient - 1, remainder + right
    return quotient, remainder


def _power(base, exponent):
    if abs(exponent) > MAX_POWER:
        raise ExpressionError("power_too_large", limit=MAX_POWER)
    if not base and exponent < 0:
        raise ZeroDivisionError
    return base**exponent


def _round(value, digits=_FALSE):
    if digits != digits.to_integral_value() or abs(digits) > MAX_ROUND_DIGITS:
        raise ExpressionError("wrong_arguments", function="round")
    return round_half_up(value, int(digits))


def _sum(*values):
    return sum(values, _FALSE)


_BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _divide,
    ast.FloorDiv: _floor_divide,
    ast.Mod: _modulo,
    ast.Pow: _power,
}
_UNARY = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: lambda value: _FALSE if value else _TRUE,
}
_COMPARISONS = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
#: name: (function, least number of arguments, most)
_FUNCTIONS = {
    "min": (min, 1, MAX_NODES),
    "max": (max, 1, MAX_NODES),
    "abs": (abs, 1, 1),
    "round": (_round, 1, 2),
    "sum": (_sum, 1, MAX_NODES),
}

FUNCTION_NAMES = frozenset(_FUNCTIONS) | {"coalesce"}


class _Compiler:
    """Turns an allowed node into a function from the operands to ``Decimal`` or None."""

    def __init__(self, names):
        self.names = names
        self.used = set()

    def compile(self, node):
        method = getattr(self, f"_compile_{type(node).__name__.lower()}", None)
        if method is None:
            raise ExpressionError("not_allowed", element=type(node).__name__)
        return method(node)

    def _compile_constant(self, node):
        if type(node.value) not in (int, float):
            raise ExpressionError("bad_constant", constant=repr(node.value)[:50])
        try:
            value = to_decimal(node.value)
        except NumberError:
            raise ExpressionError("bad_constant", constant=repr(node.value)[:50]) from None
        if abs(value) > MAX_CONSTANT:
            raise ExpressionError("bad_constant", constant=repr(node.value)[:50])
        return lambda operands: value

    def _compile_name(self, node):
        name = node.id
        if name not in self.names:
            raise ExpressionError("unknown_name", name=name)
        self.used.add(name)
        return lambda operands: operands[name]

    def _compile_binop(self, node):
        function = _lookup(_BINARY, node.op)
        left, right = self.compile(node.left), self.compile(node.right)

        def run(operands):
            first, second = left(operands), right(operands)
            return None if first is None or second is None else function(first, second)

        return run

    def _compile_unaryop(self, node):
        function, operand = _lookup(_UNARY, node.op), self.compile(node.operand)

        def run(operands):
            value = operand(operands)
            return None if value is None else function(value)

        return run

    def _compile_compare(self, node):
        functions = [_lookup(_COMPARISONS, op) for op in node.ops]
        first, *others = [self.compile(part) for part in (node.left, *node.comparators)]

        def run(operands):
            left = first(operands)
            for function, other in zip(functions, others, strict=True):
                right = other(operands)
                if left is None or right is None:
                    return None
                if not function(left, right):
                    return _FALSE
                left = right
            return _TRUE

        return run

    def _compile_boolop(self, node):
        parts = [self.compile(part) for part in node.values]
        stops_on = isinstance(node.op, ast.Or)

        def run(operands):
            for part in parts:
                value = part(operands)
                if value is None:
                    return None
                if bool(value) is stops_on:
                    break
            return _TRUE if value else _FALSE

        return run

    def _compile_ifexp(self, node):
        test, yes, no = (self.compile(part) for part in (node.test, node.body, node.orelse))

        def run(operands):
            value = test(operands)
            if value is None:
                return None
            return yes(operands) if value else no(operands)

        return run

    def _compile_call(self, node):
        name = node.func.id if isinstance(node.func, ast.Name) else None
        if name not in FUNCTION_NAMES:
            raise ExpressionError("unknown_function", name=name or type(node.func).__name__)
        arguments = [self.compile(argument) for argument in node.args]
        if node.keywords or not arguments:
            raise ExpressionError("wrong_arguments", function=name)
        if name == "coalesce":
            return _coalesce(arguments)
        return _call(name, arguments)


def _coalesce(arguments):
    def run(operands):
        for argument in arguments:
            value = argument(operands)
            if value is not None:
                return value
        return None

    return run


def _call(name, arguments):
    function, least, most = _FUNCTIONS[name]
    if not least <= len(arguments) <= most:
        raise ExpressionError("wrong_arguments", function=name)

    def run(operands):
        values = [argument(operands) for argument in arguments]
        return None if None in values else function(*values)

    return run


def _lookup(table, node):
    try:
        return table[type(node)]
    except KeyError:
        raise ExpressionError("not_allowed", element=type(node).__name__) from None
