"""Numbers as people type them on a phone: with a point or a comma, with or without groups."""

import math
import re

#: Beyond this nothing is counted by hand; it also refuses numbers that would not be stored.
LIMIT = 1e12
_SPACES = re.compile(r"[\s\u00a0\u202f'’]")


def read_number(text, decimal_point="."):
    """The number that was typed; None where nothing was.

    What could be read in two ways is read as the language writes it.

    >>> read_number("4,5"), read_number("4.5"), read_number("1,234")
    (4.5, 4.5, 1234.0)
    >>> read_number("1,234", decimal_point=","), read_number("1.234,5", decimal_point=",")
    (1.234, 1234.5)

    :raises ValueError: for what is no number
    """
    text = _SPACES.sub("", text or "").replace("，", ",").replace("。", ".").replace("－", "-")
    if not text:
        return None
    group = "," if decimal_point == "." else "."
    if re.fullmatch(rf"-?\d{{1,3}}([{group}]\d{{3}})+([{decimal_point}]\d*)?", text):
        text = text.replace(group, "")
    elif not re.fullmatch(r"-?(\d+[.,]?\d*|[.,]\d+)", text):
        raise ValueError(text)
    number = float(text.replace(",", "."))
    if not math.isfinite(number) or abs(number) > LIMIT:
        raise ValueError(text)
    return number


def write_number(value):
    """The shortest text of a number, for a field in which it can be typed again.

    >>> write_number(4.0), write_number(4.5), write_number(0.1234)
    ('4', '4.5', '0.1234')
    """
    return f"{round(value, 4) + 0.0:.4f}".rstrip("0").rstrip(".")


def get_choices(low, high, most=11):
    """The whole marks of a scale, worst first; empty where they are too many to tap.

    >>> get_choices(1, 5)
    [1.0, 2.0, 3.0, 4.0, 5.0]
    >>> get_choices(0, 100), get_choices(5, 1)
    ([], [])
    """
    low, high = float(low), float(high)
    count = int(high - low) + 1
    if not 2 <= count <= most or low % 1 or high % 1:
        return []
    return [low + step for step in range(count)]
