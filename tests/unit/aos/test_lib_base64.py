"""The runtime's .base64 module."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample


@pytest.fixture(scope="module")
def lib(library):
    return library("base64", ".base64")


@settings(max_examples=sample(150), derandomize=True, deadline=None)
@given(st.binary(max_size=60))
def test_it_is_base_64(lib, data):
    text = base64.b64encode(data)
    assert lib.run("return M.encode(...)", data) == text
    assert lib.run("return M.decode(...)", text) == data


@settings(max_examples=sample(80), derandomize=True, deadline=None)
@given(st.binary(max_size=40))
def test_another_alphabet(lib, data):
    text = base64.urlsafe_b64encode(data)
    assert lib.run("return M.encode(..., M.makeencoder('-', '_', '%'))", data) == text.replace(b"=", b"%")
    assert lib.run("return M.decode(..., M.makedecoder('-', '_', '%'))", text) == data


@pytest.mark.parametrize(("text", "data"), [(b"!!!!", b""), (b"", b""), (b"YW\nJj \r\n", b"abc"), (b"Y-W_Jj", b"abc")])
def test_foreign_letters_are_skipped(lib, text, data):
    assert lib.run("return M.decode(...)", text) == data


@pytest.mark.parametrize("text", [b"YQ", b"YWI", b"-_-_YW"])
def test_missing_padding_raises(lib, text):
    assert "attempt to perform arithmetic on a nil value" in lib.failure("M.decode(...)", text)


@pytest.mark.parametrize(("text", "data"), [(b"a===", b"l"), (b"====", b"\x04"), (b"ab==cd==", b"i\xc0@q")])
def test_misplaced_padding_counts_as_64(lib, text, data):
    assert lib.run("return M.decode(...)", text) == data


def test_tables_map_values_and_bytes(lib):
    assert lib.run("return M.makeencoder()[62], M.makeencoder()[64], M.makedecoder()[47]") == (43, 61, 63)
