"""The base of the errors raised by the arithmetic of this folder."""


class CodedError(ValueError):
    """An error known by a machine code, so that the layer above can word and translate it.

    :param code: a stable identifier, e.g. ``'weight_out_of_range'``
    :param params: the values which the sentence needs, e.g. ``weight=Decimal('110')``
    """

    def __init__(self, code, **params):
        details = ", ".join(f"{name}={value}" for name, value in params.items())
        super().__init__(f"{code} ({details})" if details else code)
        self.code = code
        self.params = params


def excerpt(value, length=50):
    """The beginning of a value as text, for an error message.

    Python refuses to write out an integer of many thousand digits; such a value is only named.
    """
    try:
        return str(value)[:length]
    except ValueError:
        return type(value).__name__
