"""The runtime's .crypto and .pretty modules: published vectors, Python's own digests, and where AO leaves the standards."""

from __future__ import annotations

import hashlib
import hmac
import warnings
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.aos import Process
from tim3tool.aos.libraries import install_libraries
from tim3tool.lua.compat import complete
from tim3tool.lua.vm import LuaFailure, LuaVM

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from cryptography.hazmat.decrepit.ciphers.modes import CFB, OFB

STREAMED = {"md5": "md5", "sha1": "sha1", "sha2_256": "sha256"}
WHOLE = {"sha2_512": "sha512", "sha3_256": "sha3_256", "sha3_512": "sha3_512", "blake2b": "blake2b"}
RATES = {"sha3_256": 136, "sha3_512": 72}
KEY = "super_secret_shh"

PREAMBLE = """
local crypto = require(".crypto")
local array, stream, hex, queue = crypto.utils.array, crypto.utils.stream, crypto.utils.hex, crypto.utils.queue
local cipher, digest, isaac = crypto.cipher, crypto.digest, crypto.cipher.issac
local key = "super_secret_shh"
local function text(value) return stream.fromString(value) end
local function list(value) return array.fromString(value) end
local function join(t)
  local parts = {}
  for index, value in ipairs(t) do parts[index] = tostring(value) end
  return table.concat(parts, ",")
end
"""


class Lua:
    """A VM that knows AO's modules."""

    def __init__(self) -> None:
        self.vm = LuaVM()
        complete(self.vm)
        install_libraries(self.vm)

    def __call__(self, expression: str, *args: Any) -> Any:
        """Return the value of a Lua expression that sees the crypto module, and its arguments as `...`."""
        plain = [arg.encode() if isinstance(arg, str) else arg for arg in args]
        results = self.vm.run(f"{PREAMBLE} return {expression}".encode(), "=test", *plain)
        return results[0] if len(results) == 1 else results


@pytest.fixture(scope="module")
def lua() -> Lua:
    return Lua()


def property_test(examples: int):
    return settings(max_examples=sample(examples), derandomize=True, deadline=None)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 16)


# --- digests ---------------------------------------------------------------------------------------------------------

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
MIXED = ALPHABET.upper() + ALPHABET + "0123456789"
DIGITS = "1234567890" * 8


@pytest.mark.parametrize(
    ("name", "message", "expected"),
    [
        # RFC 1319, appendix A.5
        ("md2", "", "8350e5a3e24c153df2275c9f80692773"),
        ("md2", "a", "32ec01ec4a6dac72c0ab96fb34c0b5d1"),
        ("md2", "abc", "da853b0d3f88d99b30283a69e6ded6bb"),
        ("md2", "message digest", "ab4f496bfb2a530b219ff33031fe06b0"),
        ("md2", ALPHABET, "4e8ddff3650292ab5a4108c3aa47940b"),
        ("md2", MIXED, "da33def2a42df13975352846c30338cd"),
        ("md2", DIGITS, "d5976f79d83d3a0dc9806c3c66f3efd8"),
        # RFC 1320, appendix A.5
        ("md4", "", "31d6cfe0d16ae931b73c59d7e0c089c0"),
        ("md4", "a", "bde52cb31de33e46245e05fbdbd6fb24"),
        ("md4", "abc", "a448017aaf21d8525fc10ae87aa6729d"),
        ("md4", "message digest", "d9130a8164549fe818874806e1c7014b"),
        ("md4", ALPHABET, "d79e1c308aa5bbcdeea8ed63df412da9"),
        ("md4", MIXED, "043f8582f241db351ce627e153e7f0e4"),
        ("md4", DIGITS, "e33b4ddc9c38f2199c3e7b164fcc0536"),
        # AO's documentation
        ("md2", "ao", "0d4e80edd07bee6c7965b21b25a9b1ea"),
        ("md4", "ao", "e068dfe3d8cb95311b58be566db66954"),
        ("md5", "ao", "adac5e63f80f8629e9573527b25891d3"),
        ("sha1", "ao", "c29dd6c83b67a1d6d3b28588a1f068b68689aa1d"),
    ],
)
def test_digests_of_streams(lua: Lua, name: str, message: str, expected: str):
    assert lua(f"digest.{name}(text(...)).asHex()", message) == expected.encode()


@pytest.mark.parametrize(
    ("name", "message", "expected"),
    [
        # the Keccak submission, before FIPS 202
        ("keccak256", "", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        ("keccak256", "abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
        # AO's documentation
        ("keccak256", "ao", "76da52eec05b749b99d6e62bb52333c1569fe75284e6c82f3de12a4618be00d6"),
        (
            "keccak512",
            "ao",
            (
                "046fbfad009a12cef9ff00c2aac361d004347b2991c1fa80fba5582251b8e0be"
                "8def0283f45f020d4b04ff03ead9f6e7c43cc3920810c05b33b4873b99affdea"
            ),
        ),
    ],
)
def test_keccak_before_the_standard(lua: Lua, name: str, message: str, expected: str):
    assert lua(f"digest.{name}(...).asHex()", message) == expected.encode()


@pytest.mark.parametrize("name", STREAMED)
@property_test(60)
@given(data=st.binary(max_size=200))
def test_streamed_digests_are_the_standard(lua: Lua, name: str, data: bytes):
    assert lua(f"digest.{name}(text(...)).asString()", data) == hashlib.new(STREAMED[name], data).digest()


@pytest.mark.parametrize("name", WHOLE)
@property_test(60)
@given(data=st.binary(max_size=300))
def test_digests_of_strings_are_the_standard(lua: Lua, name: str, data: bytes):
    assume(name != "sha2_512" or len(data) % 128 not in range(112, 119))
    assume(name not in RATES or len(data) % RATES[name] != RATES[name] - 1)
    assume(name != "blake2b" or not data or len(data) % 128)
    assert lua(f"digest.{name}(...).asString()", data) == hashlib.new(WHOLE[name], data).digest()


@pytest.mark.parametrize(
    ("name", "length", "expected"),
    [
        ("sha2_512", 115, "731fcba039f9bf81a6db9e79b760d61406f49cf1190b67e8f4784bd61c303800"),
        ("sha3_256", 135, "d04ad3ea6dd566c44bddee03ae94243120a163b4515a0dee15009e3be94bc493"),
        ("keccak256", 135, "8567c1de67db78fe5aeaf45043709897a116a2e7890b51657528ef2a7c33baba"),
        ("keccak512", 71, "448b06e69969c46ea54a28f2c51bb741a8e59db9f160870d734aac56d7b071b6"),
        ("blake2b", 128, "77f07a02468f9da47897589429168ba0bfd88fcaae427b8f4ac6d527642d3a86"),
    ],
)
def test_lengths_at_which_ao_leaves_the_standard(lua: Lua, name: str, length: int, expected: str):
    """Values that the real module gave."""
    data = b"a" * length
    assert lua(f"digest.{name}(...).asHex()", data)[:64] == expected.encode()
    if name in WHOLE:
        assert hashlib.new(WHOLE[name], data).hexdigest()[:64] != expected


@pytest.mark.parametrize("length", [0, 55, 56, 63, 64, 111, 118, 119, 127, 128, 1023, 1024, 1025])
def test_block_and_chunk_edges(lua: Lua, length: int):
    data = bytes(i % 251 for i in range(length))
    for name, standard in STREAMED.items():
        assert lua(f"digest.{name}(text(...)).asString()", data) == hashlib.new(standard, data).digest()


@property_test(60)
@given(data=st.binary(max_size=200), size=st.integers(1, 64), key=st.binary(max_size=64))
def test_blake2b_with_length_and_key(lua: Lua, data: bytes, size: int, key: bytes):
    assume(len(data) % 128)
    expected = hashlib.blake2b(data, digest_size=size, key=key).digest()
    assert lua("digest.blake2b(...).asString()", data, size, key) == expected


@pytest.mark.parametrize("arguments", ["'a', 0", "'a', 65", "'a', 32, ('k'):rep(65)"])
def test_blake2b_refuses_with_a_reason(lua: Lua, arguments: str):
    assert lua(f"digest.blake2b({arguments})") == (None, b"illegal parameters")


def test_what_a_digest_returns_its_bytes_as(lua: Lua):
    assert lua("join(digest.sha1(text('ao')).asBytes())").startswith(b"194,157,214,")
    assert lua("join(digest.md2(text('ao')).asBytes())").startswith(b"13,78,128,")
    assert lua("table.concat(digest.blake2b('ao').asBytes())") == hashlib.blake2b(b"ao").digest()
    words = hashlib.sha512(b"ao").digest()
    first = int.from_bytes(words[:8], signed=True)
    assert lua("digest.sha2_512('ao').asBytes()[1], #digest.sha2_512('ao').asBytes()") == (first, 8)
    assert lua("digest.sha3_256('ao').asBytes, digest.keccak512('ao').asBytes") == (None, None)


def test_a_digest_object_takes_pieces(lua: Lua):
    expected = hashlib.sha256(b"ab" * 50).hexdigest().encode()
    new = "require('.crypto.digest.sha2_256').SHA2_256()"
    assert lua(f"{new}.init().update(text(('ab'):rep(20))).update(text(('ab'):rep(30))).finish().asHex()") == expected
    assert lua("require('.crypto.digest.sha1').SHA1().asHex()") == b"67452301efcdab8998badcfe10325476c3d2e1f0"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("digest.md5('ao')", "attempt to call a string value"),
        ("digest.sha1()", "attempt to call a nil value"),
        ("digest.sha2_512(text('ao'))", "attempt to get length of a function value"),
        ("digest.sha3_256(5)", "attempt to get length of a number value"),
        ("digest.blake2b()", "attempt to get length of a nil value"),
        ("crypto.mac.createHmac(text('ao'), {}, 'md5')", "Unsupported algorithm: md5"),
        ("crypto.kdf.pbkdf2({}, {}, 1, 1, 'nope')", "Unsupported algorithm: nope"),
        ("crypto.kdf.pbkdf2({}, {}, 1)", "attempt to perform arithmetic on a nil value"),
        ("require('.crypto.mac.hmac').HMAC().setKey({})", "Digest not set"),
        ("cipher.aes.encrypt('ao')", "attempt to index a nil value"),
        ("cipher.aes.encrypt('ao', 'short', key)", "nil value"),
        ("cipher.issac.encrypt('ao')", "attempt to get length of a nil value"),
        ("cipher.morus.encrypt('short', key, 'ao')", "key must be 16 or 32 bytes"),
        ("cipher.morus.encrypt(key, 'short', 'ao')", "iv must be 16 bytes"),
        ("cipher.morus.decrypt(key, key, 'short')", "initial position out of string"),
        ("cipher.norx.encrypt('short', key .. key, 'ao')", "data string too short"),
        ("cipher.norx.decrypt(key .. key, key .. key, 'short')", "assertion failed!"),
        ("hex.hexToString('616')", "invalid hex string"),
        ("array.concat({1})", "attempt to index a nil value"),
    ],
)
def test_what_a_wrong_argument_is_told(lua: Lua, expression: str, message: str):
    with pytest.raises(LuaFailure) as caught:
        lua(expression)
    assert message in caught.value.message


# --- codes and keys --------------------------------------------------------------------------------------------------


def code(key: bytes, data: bytes, name: str, block: int) -> bytes:
    """Return the HMAC (RFC 2104) of a digest whose block is taken for that long."""
    key = (hashlib.new(name, key).digest() if len(key) > block else key).ljust(block, b"\0")
    inner = hashlib.new(name, bytes(b ^ 0x36 for b in key) + data).digest()
    return hashlib.new(name, bytes(b ^ 0x5C for b in key) + inner).digest()


@pytest.mark.parametrize("name", ["sha1", "sha256"])
@property_test(50)
@given(data=st.binary(max_size=100), key=st.binary(max_size=80))
def test_create_hmac_takes_32_for_the_block(lua: Lua, name: str, data: bytes, key: bytes):
    answer = lua("crypto.mac.createHmac(text(...), list(select(2, ...)), (select(3, ...))).asString()", data, key, name)
    assert answer == code(key, data, name, 32)


def test_create_hmac_in_the_documentation(lua: Lua):
    answer = lua("crypto.mac.createHmac(text('ao'), list('super_secret_key')).asHex()")
    assert answer == b"3966f45acb53f7a1a493bae15afecb1a204fa32d"
    assert answer != hmac.new(b"super_secret_key", b"ao", "sha1").hexdigest().encode()


@property_test(50)
@given(data=st.binary(max_size=100), key=st.binary(max_size=80))
def test_an_hmac_object_is_the_standard(lua: Lua, data: bytes, key: bytes):
    new = "require('.crypto.mac.hmac').HMAC().setDigest(require('.crypto.digest.sha1').SHA1)"
    answer = lua(f"{new}.setKey(list(...)).init().update(text((select(2, ...)))).finish().asString()", key, data)
    assert answer == hmac.new(key, data, "sha1").digest()


@pytest.mark.parametrize("name", ["sha1", "sha256"])
@property_test(25)
@given(case=st.tuples(st.binary(max_size=80), st.binary(max_size=40), st.integers(1, 5), st.integers(1, 70)))
def test_pbkdf2_is_the_standard(lua: Lua, name: str, case: tuple[bytes, bytes, int, int]):
    call = "(function(p, s, ...) return crypto.kdf.pbkdf2(list(p), list(s), ...).asString() end)(...)"
    assert lua(call, *case, name) == hashlib.pbkdf2_hmac(name, *case)


def test_pbkdf2_in_the_documentation(lua: Lua):
    call = "crypto.kdf.pbkdf2(list('password'), list('salt'), %s, %s).asHex()"
    assert lua(call % (4, 16)) == b"C4C21BF2BBF61541408EC2A49C89B9C6"
    assert (lua(call % (0, 16)), lua(call % (1, 0))) == (b"", b"")


# --- ciphers ---------------------------------------------------------------------------------------------------------

MODES = {"CBC": modes.CBC, "CFB": CFB, "OFB": OFB, "CTR": modes.CTR}


@pytest.mark.parametrize("bits", [128, 192, 256])
@pytest.mark.parametrize("mode", MODES)
@property_test(15)
@given(case=st.tuples(st.binary(min_size=1, max_size=70), st.binary(min_size=40, max_size=40)))
def test_aes_is_the_standard(lua: Lua, mode: str, bits: int, case: tuple[bytes, bytes]):
    data, secret = case
    key, iv = secret[: bits // 8], secret[32:] + bytes(8)
    encryptor = Cipher(algorithms.AES(key), MODES[mode](iv)).encryptor()
    expected = encryptor.update(padded(data))
    answer = lua("cipher.aes.encrypt(...).asString()", data, key, iv, mode, bits)
    assert answer == expected
    assert lua("cipher.aes.decrypt(...).asString()", answer.hex(), key, iv, mode, bits) == padded(data)


@pytest.mark.parametrize("bits", [128, 192, 256])
def test_the_block_ciphers_of_fips_197(lua: Lua, bits: int):
    """FIPS 197, appendix C."""
    expected = {
        128: "69C4E0D86A7B0430D8CDB78070B4C55A",
        192: "DDA97CA4864CDFE06EAF70A0EC0D7191",
        256: "8EA2B7CA516745BFEAFC49904B496089",
    }[bits]
    key, plain = bytes(range(bits // 8)).hex(), "00112233445566778899AABBCCDDEEFF"
    call = "array.toHex(require('.crypto.cipher.aes{}').{}(array.fromHex(...), array.fromHex((select(2, ...)))))"
    assert lua(call.format(bits, "encrypt"), key, plain) == expected.encode()
    assert lua(call.format(bits, "decrypt"), key, expected) == plain.encode()


def test_aes_in_the_documentation(lua: Lua):
    assert lua("cipher.aes.encrypt('ao', key, key).asHex()") == b"A3B9E6E1FBD9D46930E5F76807C84B8E"
    decrypted = lua("cipher.aes.decrypt('A3B9E6E1FBD9D46930E5F76807C84B8E', key, key).asHex()")
    assert decrypted == b"616F0000000000000000000000000000"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("encrypt('ao', key)", "3FF54BD61AD1AA06BC367A10575CC7C5"),  # a vector of zeros
        ("encrypt('ao', key, '')", ""),  # the message becomes the vector
        ("encrypt('', key, key)", ""),
        ("encrypt('ao', key, key, 'XXX', 64)", "A3B9E6E1FBD9D46930E5F76807C84B8E"),
        ("encrypt('ao', key .. 'x', key)", "A3B9E6E1FBD9D46930E5F76807C84B8E"),
        ("encrypt('ao', key, key, 'ECB')", "7CC8169C093D6B23160B6785B28E4BED3FF54BD61AD1AA06BC367A10575CC7C5"),
        ("encrypt('ao', key, '', 'ECB')", "3FF54BD61AD1AA06BC367A10575CC7C5"),
        ("decrypt('A3', key, key)", "08E7AE95A8277E5A3CC0415CB12A5E89"),
        ("decrypt('zz', key, key)", ""),
    ],
)
def test_aes_of_odd_arguments(lua: Lua, call: str, expected: str):
    """Values that the real module gave."""
    assert lua(f"cipher.aes.{call}.asHex()") == expected.encode()


def test_the_counter_of_ctr_is_8_bytes(lua: Lua):
    encryptor = Cipher(algorithms.AES(KEY.encode()), modes.ECB()).encryptor()
    expected = encryptor.update(b"\xff" * 16 + b"\xff" * 8 + bytes(8))
    assert lua("cipher.aes.encrypt(('\\0'):rep(32), key, ('\\xff'):rep(16), 'CTR').asString()") == expected


def test_the_answer_of_aes_is_read_once(lua: Lua):
    call = "(function() local e = cipher.aes.encrypt('ao', key, key) return #e.asHex(), #e.asHex(), #e.asBytes() end)()"
    assert lua(call) == (32, 0, 0)


def test_isaac_is_the_generator_of_jenkins(lua: Lua):
    """randvect.txt of the author: the second run of the generator over a seed of zeros."""
    call = """(function() isaac.seedIsaac('', true)
      for _ = 1, 256 do isaac.getRandom() end
      return isaac.getRandom(), isaac.getRandom(), isaac.getRandom() end)()"""
    assert lua(call) == (0xF650E4C8, 0xE448E96D, 0x98DB2FB4)


def test_isaac_in_the_documentation(lua: Lua):
    assert lua("isaac.encrypt('ao', 'secret_key').asHex()") == b"7851"
    assert lua("isaac.decrypt(isaac.encrypt('ao', 'secret_key').asString(), 'secret_key')") == b"ao"
    assert lua("join(isaac.encrypt('ao', 'secret_key').asBytes())") == b"x,Q"


@property_test(30)
@given(message=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=300), key=st.binary(max_size=300))
def test_isaac_gives_printable_letters_back(lua: Lua, message: str, key: bytes):
    encrypted = lua("isaac.encrypt(...).asString()", message, key)
    assert all(32 <= letter <= 126 for letter in encrypted)
    assert lua("isaac.decrypt(...)", encrypted, key) == message.encode()


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("0, 100, 'seed'", 94),
        ("nil, nil, 'seed'", 1927046023.0),
        ("5, nil, 'seed'", 1927046033.0),
        ("-5, 5, 'seed'", -2),
        ("10, 5, 'seed'", 9),
        ("0, 100", 40),  # without a seed always the same
        ("", 532713800.0),
    ],
)
def test_random(lua: Lua, call: str, expected: float):
    """Values that the real module gave."""
    assert lua(f"crypto.random({call}), isaac.random == crypto.random") == (expected, True)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("key, ('0'):rep(16), 'ao', ''", "514ed31473d8fb0b76c6cbb17af35ed01d0a"),  # AO's documentation
        ("('\\0'):rep(16), ('\\0'):rep(16), ''", "5bd2cba68ea7e72f6b3d0c155f39f962"),
        ("('\\0'):rep(16), ('\\0'):rep(16), '\\1'", "baec1942a315a84695432a1255e6197878"),
        ("('\\0'):rep(16), ('\\0'):rep(16), '', '\\1'", "01590caa148b848d7614315685377a0d42"),
        ("key .. ('0'):rep(16), ('0'):rep(16), 'ao'", "9ff53fe140819f3c7a738d3013f8132c6d21"),
        ("key, ('0'):rep(16), '', ('h'):rep(33)", "68" * 33 + "33138a693fe881d3de592ce7d74c9ccb"),
        (
            "key, ('0'):rep(16), ('m'):rep(64)",
            (
                "5d4ca6b51aaf68880747576ddba076e3c08ed2318e321ed72d9bc25f1f0ee72c"
                "c1612f85e633b02387a060d4570056624a6d5698b836e1d00b619833706d5d33a16175de6faacc619f57c837e8729015"
            ),
        ),
    ],
)
def test_morus(lua: Lua, call: str, expected: str):
    """Values that the real module gave."""
    assert lua(f"cipher.morus.encrypt({call}).asHex()") == expected.encode()


NORX_DOCUMENTED = "0bb35a06938e6541eccd4440adb7b46118535f60b09b4adf378807a53df19fc4ea28"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("'ao', 'ao', 'ao'", NORX_DOCUMENTED),  # AO's documentation
        ("'ao'", "e10903c6010e12df0eb05c770ff8df0b154497a71f75cc56814b3b7975dd25b2f0b2"),
        ("''", "aebd1d200e12ed3dd94ff5718d797e93c5722f595a8b33b48b20ff7a39c14873"),
        (
            "('p'):rep(96)",
            (
                "f0164093d42e94d60a740077726e8309ec0271a26304d22922be226faecae406"
                "01b53100dade197734428ad4d6b56d934d4386dd0c1e6b19f27823fdd6b2985f"
                "2a8a4e152e73a199346ac6f49376ffd1b7794eca3c286fd0dafcd399dad26b0e"
                "18cc898c7b920ba5689502cda561e099a94ea947b0c0039f322bfee8854ea76d"
            ),
        ),
    ],
)
def test_norx(lua: Lua, call: str, expected: str):
    """Values that the real module gave."""
    call = f"cipher.norx.encrypt('super_duper_secret_password_shhh', ('0'):rep(32), {call}).asHex()"
    assert lua(call) == expected.encode()


@property_test(30)
@given(message=st.binary(max_size=220), header=st.binary(max_size=220), trailer=st.binary(max_size=100))
def test_sealed_messages_open_unless_touched(lua: Lua, message: bytes, header: bytes, trailer: bytes):
    nonce, secret = "n" * 32, "k" * 32
    sealed = lua("cipher.norx.encrypt(...).asString()", secret, nonce, message, header, trailer)
    assert lua("cipher.norx.decrypt(...)", secret, nonce, sealed, header, trailer) == message
    touched = bytes([sealed[0] ^ 1]) + sealed[1:]
    assert lua("cipher.norx.decrypt(...)", secret, nonce, touched, header, trailer) == (None, b"auth failure")
    sealed = lua("cipher.morus.encrypt(...).asString()", secret, nonce[:16], message, header)
    assert sealed.startswith(header)
    assert lua("cipher.morus.decrypt(...)", secret, nonce[:16], sealed, len(header)) == message
    touched = sealed[:-1] + bytes([sealed[-1] ^ 1])
    failure = lua("cipher.morus.decrypt(...)", secret, nonce[:16], touched, len(header))
    assert failure == (None, b"decrypt error")


# --- utilities -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("join(array.fromString('ao'))", b"97,111"),
        ("array.toString({97, 111})", b"ao"),
        ("join(array.fromHex('616F'))", b"97,111"),
        ("#array.fromHex('xx'), #array.fromHex('616'), #array.fromHex('6 1')", (0, 1, 0)),
        ("array.toHex({97, 255, 10})", b"61FF0A"),
        ("array.toHex({97, 256, 97})", b"61"),
        ("join(array.concat({1}, {2, 3}))", b"1,2,3"),
        ("join(array.truncate({1, 2, 3}, 2))", b"1,2"),
        ("join(array.XOR({1, 2}, {3, 4}))", b"2,6"),
        ("join(array.XOR({1}, {3, 4}))", b"2"),
        ("join(array.substitute({1, 2}, {3, 4}))", b"3,4"),
        ("join(array.permute({10, 20}, {2, 1}))", b"20,10"),
        ("join(array.copy({1, 2}))", b"1,2"),
        ("join(array.slice({1, 2, 3}, 1, 2))", b"1,2"),
        ("join(array.slice({97, 111}, 0, 1))", b"97"),
        ("join(array.slice({1, 2, 3}, 2))", b"2,3"),
        ("join(array.slice({1, 2, 3}, -1, 2))", b""),
        ("array.size({1, 2})", 2),
        ("join(array.fromStream(text('ao')))", b"97,111"),
        ("array.toStream({1, 2})()", 1),
        ("stream.toString(stream.fromArray({97, 111}))", b"ao"),
        ("stream.toHex(text('ao\\xff'))", b"616FFF"),
        ("stream.toString(stream.fromHex('616f6'))", b"ao"),
        ("join(stream.toArray(stream.fromHex('61zz61')))", b"97"),
        ("hex.stringToHex('ao\\xff\\n')", b"616fff0a"),
        ("hex.stringToHex('abcdefghij', 4)", b"61626364\n65666768\n696a"),
        ("hex.stringToHex('abcdefgh', 4, '-')", b"61-62-63-64\n65-66-67-68"),
        ("hex.stringToHex('ab', nil, '-')", b"6162"),
        ("hex.hexToString('61 6F')", b"ao"),
        ("hex.hexToString('zz61zz')", b"zzazz"),
        ("hex.hexToString('61 6', true)", b"a 6"),
        ("crypto.utils.bit == require('bit32')", True),
        ("#stream.toArray(require('.crypto.padding.zero')(16, 2))", 16),
    ],
)
def test_utilities(lua: Lua, expression: str, expected: Any):
    assert lua(expression) == expected


def test_a_queue(lua: Lua):
    new = "(function() local q = queue() %s end)()"
    assert lua(new % "return q.size(), q.getHead(), q.getTail(), q.pop()") == (0, 0, 0, None)
    assert lua(new % "q.push(1) q.push(2) return q.pop(), q.size(), q.getHead(), q.getTail()") == (1, 1, 2, 1)
    assert lua(new % "q.push(1) q.reset() return q.size(), q.getHead(), q.getTail()") == (0, 0, 0)
    assert lua(new % "array.writeToQueue(q, {4, 5, 6}) return join(array.readFromQueue(q, 2)), q.size()") == (b"4,5", 1)
    assert lua(new % "q.push(7) return join(array.readFromQueue(q, 5)), q.size()") == (b"7", 0)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("{}", b""),
        ("{ 1, 2 }", b"1: 1\n2: 2\n"),
        ("{ a = 'x' }, 2", b"  a: x\n"),
        ("{ a = { b = { c = 'z' } } }, 1", b" a: \n  b: \n   c: z\n"),
        ("{ a = true }, -1", b"a: true\n"),
        ("{ 1, { 2, { 3.0 } } }", b"1: 1\n2: \n 1: 2\n 2: \n  1: 3.0\n"),
    ],
)
def test_pretty(lua: Lua, call: str, expected: bytes):
    assert lua(f"require('.pretty').tprint({call})") == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("nil", "table expected, got nil"),
        ("{ a = print }", "attempt to concatenate a function value"),
        ("{ [true] = 1 }", "attempt to concatenate a boolean value"),
    ],
)
def test_what_pretty_cannot_print(lua: Lua, call: str, message: str):
    with pytest.raises(LuaFailure) as caught:
        lua(f"require('.pretty').tprint({call})")
    assert message in caught.value.message


# --- in a process ----------------------------------------------------------------------------------------------------

NAMES = [
    ".crypto",
    ".crypto.cipher",
    ".crypto.cipher.aes",
    ".crypto.cipher.aes128",
    ".crypto.cipher.aes192",
    ".crypto.cipher.aes256",
    ".crypto.cipher.issac",
    ".crypto.cipher.mode.cbc",
    ".crypto.cipher.mode.cfb",
    ".crypto.cipher.mode.ctr",
    ".crypto.cipher.mode.ecb",
    ".crypto.cipher.mode.ofb",
    ".crypto.cipher.morus",
    ".crypto.cipher.norx",
    ".crypto.digest",
    ".crypto.digest.blake2b",
    ".crypto.digest.md2",
    ".crypto.digest.md4",
    ".crypto.digest.md5",
    ".crypto.digest.sha1",
    ".crypto.digest.sha2_256",
    ".crypto.digest.sha2_512",
    ".crypto.digest.sha3",
    ".crypto.kdf",
    ".crypto.kdf.pbkdf2",
    ".crypto.mac",
    ".crypto.mac.hmac",
    ".crypto.padding.zero",
    ".crypto.util",
    ".crypto.util.array",
    ".crypto.util.bit",
    ".crypto.util.hex",
    ".crypto.util.queue",
    ".crypto.util.stream",
    ".pretty",
]
OWNER, PROCESS = "O" * 43, "P" * 43


class Bench:
    """A booted process that evaluates code."""

    def __init__(self) -> None:
        tags = [{"name": "Name", "value": "T"}]
        module = {"Id": "M" * 43, "Owner": OWNER, "Tags": []}
        self.process = Process({"Process": {"Id": PROCESS, "Owner": OWNER, "Tags": tags}, "Module": module})
        self.count = 0
        self.send("", "Type", "Process")

    def send(self, data: str, name: str, value: str):
        self.count += 1
        return self.process.handle(
            {
                "Id": f"{self.count:043}" if self.count > 1 else PROCESS,
                "From": OWNER,
                "Owner": OWNER,
                "Target": PROCESS,
                "Data": data,
                "Module": "M" * 43,
                "Timestamp": self.count,
                "Block-Height": 1,
                "Tags": [{"name": name, "value": value}],
            }
        )

    def value(self, code: str) -> str:
        result = self.send(code, "Action", "Eval")
        assert result.error is None, result.text
        return result.text


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_found_alone(name: str):
    assert Lua().vm.run(f"return type(require('{name}'))".encode(), "=test")[0] in (b"table", b"function")


def test_each_name_is_found_in_a_process():
    names = ", ".join(f"'{name}'" for name in NAMES)
    assert Bench().value(f"for _, name in ipairs {{ {names} }} do assert(require(name)) end return 'all'") == "all"


@pytest.mark.parametrize("name", [".crypto.utils", ".crypto.padding", ".crypto.random", ".crypto.digest.sha3_256"])
def test_names_that_ao_does_not_know(name: str):
    result = Bench().send(f"return require('{name}')", "Action", "Eval")
    assert f"module '{name}' not found" in str(result.error)


def test_a_failed_message_takes_back_what_it_drew():
    bench = Bench()
    draw = "require('.crypto').cipher.issac.getRandom()"
    bench.value("require('.crypto').cipher.issac.seedIsaac('seed', true)")
    assert bench.value(f"return {draw}") == "4074529671"
    assert bench.send(f"{draw} error('no')", "Action", "Eval").error is not None
    assert bench.value(f"return {draw}") == "214897596"
