"""Base64 as AO writes it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.network import base64url


@settings(max_examples=sample(100), derandomize=True)
@given(data=st.binary(max_size=80))
def test_what_is_encoded_is_decoded(data):
    assert base64url.decode(base64url.encode(data)) == data


@pytest.mark.parametrize("text", ["a", "QU8_Pg==", "QU8/Pg", "QU8+Pg", "QU8_Ph", "QU8 Pg", "QU8_\n", "é"])
def test_what_is_not_canonical_is_refused(text):
    with pytest.raises(ValueError, match="not base64url"):
        base64url.decode(text)


def test_an_id_is_32_bytes():
    assert base64url.is_id("OYC42N-HNH86SqkZOAXASRU5PDo277B10W_Oxy5hZO8")
    assert not base64url.is_id("OYC42N-HNH86SqkZOAXASRU5PDo277B10W_Oxy5hZO9")
    assert not base64url.is_id("")
