from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.hr_performance.tools.headers import WORDS, clean_key, fold, guess_role

from .properties import properties


class TestToolsHeaders(BaseCase):
    def test_ways_to_write_a_header(self):
        for text in (
            "Work Email",
            "work e-mail",
            "WORK_EMAIL",
            "Ｗｏｒｋ Email (必填)",
            "work email*",
        ):
            with self.subTest(text=text):
                self.assertEqual(guess_role(text, WORDS), "email")
        self.assertEqual(guess_role("【工号】", ["number"]), "number")

    def test_role_must_be_asked_for(self):
        self.assertIsNone(guess_role("备注", ["value"]))
        self.assertEqual(guess_role("备注", ["description", "comment"]), "description")
        self.assertEqual(guess_role("备注", ["comment", "description"]), "comment")

    def test_nothing_is_no_role(self):
        for text in ("", " ", "()", "???", "Unheard of"):
            with self.subTest(text=text):
                self.assertIsNone(guess_role(text, WORDS))

    def test_every_word_is_understood(self):
        for role, words in WORDS.items():
            for word in words.split(","):
                with self.subTest(word=word):
                    self.assertTrue(fold(word))
                    self.assertEqual(guess_role(word, [role]), role)

    def test_key_forgets_width_case_and_spaces(self):
        self.assertEqual(clean_key(" Ａnna   LEE "), "anna lee")
        self.assertEqual(clean_key("１００７"), "1007")
        self.assertEqual(clean_key("\u200banna@bright.example\ufeff"), "anna@bright.example")
        self.assertNotEqual(clean_key("anna-lee"), clean_key("anna lee"))

    @properties
    @given(st.text())
    def test_folding_twice_is_folding_once(self, text):
        self.assertEqual(fold(fold(text)), fold(text))
        self.assertEqual(clean_key(clean_key(text)), clean_key(text))
