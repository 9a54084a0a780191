import doctest

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.hr_performance.tools import typed_number, uploads
from odoo.addons.hr_performance.tools.typed_number import get_choices, read_number, write_number
from odoo.addons.hr_performance.tools.uploads import UploadError, check_upload, check_uploads

from .properties import properties


class TestToolsPhone(BaseCase):
    def test_examples(self):
        for module in (typed_number, uploads):
            result = doctest.testmod(module)
            self.assertTrue(result.attempted)
            self.assertFalse(result.failed)

    def test_numbers_as_typed(self):
        for text, number in (
            ("", None),
            ("  ", None),
            (None, None),
            ("0", 0),
            ("-3", -3),
            (" 1 234,5 ", 1234.5),
            ("1’234.5", 1234.5),
            ("1,234,567", 1234567),
            ("4，5", 4.5),
            (".5", 0.5),
            ("5.", 5),
        ):
            with self.subTest(text=text):
                self.assertEqual(read_number(text), number)

    def test_what_is_no_number(self):
        for text in ("four", "1.2.3", "1,2,3", "--1", "1e5", "nan", "inf", "9" * 40, "٤x", "1/2"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                read_number(text)

    @properties
    @given(st.integers(-(10**9), 10**9))
    def test_written_numbers_are_read_again(self, ten_thousandths):
        value = ten_thousandths / 10000
        self.assertEqual(read_number(write_number(value)), round(value, 4))

    def test_choices(self):
        self.assertEqual(get_choices(0, 3), [0, 1, 2, 3])
        self.assertEqual(get_choices(1, 4.5), [])

    def test_uploads(self):
        self.assertEqual(check_upload("a.txt", b"%PDF-1.7"), "application/pdf")
        self.assertEqual(check_upload("a.heic", b"\0\0\0\x18ftypheic...."), "image/heic")
        self.assertIn("sheet", check_upload("A.XLSX", b"PK\x03\x04..."))
        for name, content, code in (
            ("a.zip", b"PK\x03\x04...", "wrong_type"),
            ("a.png", b"", "empty"),
            ("a.png", b"<html>", "wrong_type"),
            ("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * uploads.MAX_BYTES, "too_big"),
        ):
            with self.subTest(name=name, code=code), self.assertRaises(UploadError) as caught:
                check_upload(name, content)
            self.assertEqual(caught.exception.code, code)
        with self.assertRaises(UploadError) as caught:
            check_uploads([("a.pdf", b"%PDF-")] * 11)
        self.assertEqual(caught.exception.code, "too_many")
