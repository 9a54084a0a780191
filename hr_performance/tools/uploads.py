"""Files that people send from a phone: which are taken, told by their content, not their name."""

from .errors import CodedError

MAX_FILES = 10
MAX_BYTES = 10 * 1024 * 1024
#: What a file begins with, and the type that it has then.
SIGNATURES = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"GIF8", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"ftypheic", 4, "image/heic"),
    (b"ftypheix", 4, "image/heic"),
    (b"ftypmif1", 4, "image/heif"),
    (b"%PDF-", 0, "application/pdf"),
)
_OFFICE = "application/vnd.openxmlformats-officedocument."
#: Documents in a container say by their names which they are.
CONTAINERS = {
    b"PK\x03\x04": {
        "docx": _OFFICE + "wordprocessingml.document",
        "xlsx": _OFFICE + "spreadsheetml.sheet",
        "pptx": _OFFICE + "presentationml.presentation",
    },
    b"\xd0\xcf\x11\xe0": {
        "doc": "application/msword",
        "xls": "application/vnd.ms-excel",
        "ppt": "application/vnd.ms-powerpoint",
    },
}


class UploadError(CodedError):
    """A file that is not taken: ``too_many`` (most), ``too_big`` (name, most), ``empty`` (name),
    ``wrong_type`` (name)."""


def check_upload(name, content):
    """The type of one file.

    >>> check_upload("photo.jpg", b"\\xff\\xd8\\xff\\xe0")
    'image/jpeg'

    :raises UploadError: for one that is not taken
    """
    if not content:
        raise UploadError("empty", name=name)
    if len(content) > MAX_BYTES:
        raise UploadError("too_big", name=name, most=MAX_BYTES // 1024**2)
    for start, offset, mimetype in SIGNATURES:
        if content[offset : offset + len(start)] == start:
            return mimetype
    ending = name.rpartition(".")[2].lower()
    mimetype = CONTAINERS.get(content[:4], {}).get(ending)
    if not mimetype:
        raise UploadError("wrong_type", name=name)
    return mimetype


def check_uploads(files):
    """The types of ``[(name, content)]`` together.

    :raises UploadError: for the first one that is not taken
    """
    if len(files) > MAX_FILES:
        raise UploadError("too_many", most=MAX_FILES)
    return [check_upload(name, content) for name, content in files]
