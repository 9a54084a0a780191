"""A leaderboard as the simple Markdown that DingTalk's groups show."""

#: Names and figures are text, never marks: what would be one becomes its full-width twin.
_TWINS = str.maketrans("*_[]()#>`<|\n\r", "＊＿［］（）＃＞｀＜｜  ")


def plain(text):
    """A text without marks."""
    return str(text).translate(_TWINS).strip()


def get_board_text(page, labels, url):
    """The text of a page of the board; empty where it has no rows.

    :param page: what ``hr.performance.sales.board.get_page`` answers
    :param labels: ``as_of`` and ``more`` in the reader's language
    :param url: where all of it is
    """
    if not page["rows"]:
        return ""
    lines = [f"### {plain(page['period']['plan'])} · {plain(page['period']['name'])}"]
    lines.append(f"> {plain(labels['as_of'])}")
    lines += [_get_row(row) for row in page["rows"]]
    if page["line"]:
        lines.append(f"{plain(page['line_label'])}: {plain(page['line'])}")
    lines.append(f"[{plain(labels['more'])}]({url})")
    return "\n\n".join(lines)


def _get_row(row):
    figure = row["amount"] or row["band"]
    parts = [f"{row['place'] or '–'}.", f"**{plain(row['name'])}**", plain(figure)]
    if row["move"]:
        parts.append(f"{'↑' if row['move']['up'] else '↓'}{row['move']['by']}")
    return " ".join(part for part in parts if part)
