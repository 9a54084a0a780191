"""What a review costs HR, and what it cost before."""


def saved_share(before, now):
    """Part of the effort that is saved, in percent; None where one of the two is not known.

    >>> saved_share(5, 1)
    80.0
    >>> saved_share(5, 0) is None
    True
    """
    if not before or not now:
        return None
    return 100.0 * (1 - now / before)
