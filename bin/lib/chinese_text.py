"""Punctuation of Chinese texts: full width, as every Chinese typeface and reader expects."""

import re

_HAN = "[\u3400-\u9fff\uff08\uff09\u300c-\u300f\u201c\u201d]"
#: What is not prose: placeholders, markup, addresses.
_FOREIGN = re.compile(
    r"%\(\w+\)[sd]|%[sd%]|\{\{.*?\}\}|\{\w*\}|<[^>]*>|https?://\S+|\$\{.*?\}", re.DOTALL
)
_WIDE = str.maketrans({",": "，", ";": "；", ":": "：", "?": "？", "!": "！"})
#: Stands for a foreign part while the rest is looked at.
_HOLE = "\ue000"
_MARK = re.compile(f"(?<=[{_HAN[1:-1]}{_HOLE}])[,;:?!] ?|[,;:?!](?={_HAN})")
_BRACKETS = re.compile(r"[ ]?\(([^()\n]*)\)")


def full_width(text: str) -> str:
    """Return ``text`` with full-width punctuation around its Chinese words.

    Placeholders, markup and texts without a Chinese character stay as they are.

    >>> full_width("%(gap)s,目标的 %(share)s(按月)")
    '%(gap)s，目标的 %(share)s（按月）'
    >>> full_width("每天 06:00 运行, 约 1,000 人")
    '每天 06:00 运行，约 1,000 人'
    """
    if not re.search(_HAN, text):
        return text
    parts: list[str] = []

    def cut(match):
        parts.append(match[0])
        return _HOLE

    prose = _FOREIGN.sub(cut, text)
    prose = _MARK.sub(lambda match: match[0].strip().translate(_WIDE), prose)
    prose = _BRACKETS.sub(_widen_brackets, prose)
    # Chinese brackets and marks bring their own space.
    prose = re.sub("(?<=[，；：？！（）]) (?=\\S)", "", prose)
    restored = iter(parts)
    return re.sub(_HOLE, lambda _match: next(restored), prose)


def _widen_brackets(match) -> str:
    inside = match[1]
    return f"（{inside}）" if re.search(f"{_HAN}|{_HOLE}", inside) else match[0]
