"""The runtime's .chance module: the random numbers of AO, bit for bit."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

# The first message of the recorded transcript `random-time`, as far as the seed depends on it.
BLOCK_HEIGHT = "1300000"
OWNER = "OWNER_ADDR_0000000000000000000000000000000B"
MODULE = "MODULE_ID_00000000000000000000000000000000D"
FIRST_ID = "PROCESS_ID_0000000000000000000000000000000A"


@pytest.fixture(scope="module")
def lib(library):
    return library("chance", ".chance")


@pytest.fixture(scope="module")
def draw(lib):
    return lib.function("local seed, count = ... M.seed(seed) for _ = 2, count do M.random() end return M.random()")


def reference(seed: int) -> random.Random:
    """Return Python's MT19937 in the state that `init_genrand(seed)` of the reference implementation leaves."""
    state = [seed & 0xFFFFFFFF]
    for index in range(1, 624):
        state.append((1812433253 * (state[-1] ^ (state[-1] >> 30)) + index) & 0xFFFFFFFF)
    generator = random.Random(0)
    generator.setstate((3, (*state, 624), None))
    return generator


def test_the_recorded_transcript(lib):
    seed = int(BLOCK_HEIGHT + str(sum((OWNER + MODULE + FIRST_ID).encode())))
    lib.run("M.seed(...)", seed)
    assert [lib.run("return M.random(1000)") for _ in range(5)] == [854, 597, 83, 340, 700]
    assert lib.run("return M.random(5, 10)") == 7
    assert lib.run("return tostring(M.random())") == b"0.19562946027145"
    assert lib.failure("M.random(0)").endswith(": max must bigger than min")
    assert lib.run("return M.random(1000)") == 306


@settings(max_examples=sample(40), derandomize=True, deadline=None)
@given(st.integers(0, 2**62), st.integers(1, 1500))
def test_it_is_the_mersenne_twister(draw, seed, count):
    generator = reference(seed)
    for _ in range(count - 1):
        generator.getrandbits(32)
    assert draw(seed, count) == generator.getrandbits(32) / 2**32


@settings(max_examples=sample(60), derandomize=True, deadline=None)
@given(st.integers(0, 2**32), st.integers(-(10**6), 10**6), st.integers(0, 10**6))
def test_integers_lie_between_their_bounds(lib, seed, low, span):
    share = reference(seed).getrandbits(32) / 2**32
    body = "local s, a, b = ... M.seed(s) local n = M.random(a, b) return n, math.type(n)"
    assert lib.run(body, seed, low, low + span) == (int((share * (span + 1) + low) // 1), b"integer")


def test_random_by_number_of_arguments(lib):
    share = reference(7).getrandbits(32) / 2**32
    assert lib.run("M.seed(7) return M.random()") == share
    assert lib.run("M.seed(7) return M.random(1, 2, 3)") == share
    assert lib.run("M.seed(7) return M.random(10)") == int(share * 10 + 1)
    assert lib.run("M.seed(7) return M.integer(3, 3)") == 3


@pytest.mark.parametrize("arguments", ["0", "-5", "2, 1"])
def test_empty_ranges_raise_from_the_module(lib, arguments):
    assert lib.failure(f"M.random({arguments})").startswith('[string ".chance"]:')


def test_an_unseeded_generator_is_the_reference_one(library):
    assert library("chance", ".chance").run("return M.random()") == reference(5489).getrandbits(32) / 2**32
