"""Keys under a password: what opens them, what does not, and that nothing leaks."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.errors import WalletError, explain
from tim3tool.network import keystore
from tim3tool.network import wallet as wallets

CHEAP = 2**4
KEY = b'{"kty": "RSA", "d": "secret"}'
WORD = "correct horse"


def sealed(**changed):
    document = json.loads(keystore.seal(KEY, WORD, address="A" * 43, cost=CHEAP))
    for name, value in changed.items():
        inner, _, last = name.rpartition("__")
        place = document[inner] if inner else document
        if value is None:
            del place[last]
        else:
            place[last] = value
    return document


def refusal(document, word=WORD):
    with pytest.raises(WalletError) as caught:
        keystore.unseal(document, word, shown="key.json")
    assert caught.value.exit_code == 4
    assert "secret" not in explain(caught.value)
    assert WORD not in explain(caught.value)
    return caught.value.message


@settings(max_examples=sample(50), deadline=None)
@given(st.binary(max_size=200), st.text(min_size=1))
def test_what_was_sealed_is_opened_by_its_password(key, word):
    document = json.loads(keystore.seal(key, word, address="A" * 43, cost=CHEAP))
    assert keystore.is_sealed(document)
    assert keystore.unseal(document, word, shown="x") == key


def test_letters_that_look_the_same_are_the_same_password():
    document = json.loads(keystore.seal(KEY, "caf\u00e9", address="A" * 43, cost=CHEAP))
    assert keystore.unseal(document, "cafe\u0301", shown="x") == KEY


def test_two_seals_of_one_key_share_nothing():
    one, two = sealed(), sealed()
    assert one["kdf"]["salt"] != two["kdf"]["salt"]
    assert one["cipher"]["nonce"] != two["cipher"]["nonce"]
    assert one["data"][:20] != two["data"][:20]


@pytest.mark.parametrize(
    "changed",
    [
        {"address": "B" * 43},
        {"data": sealed()["data"]},
        {"data": "AAAA"},
        {"data": ""},
        {"cipher__nonce": "A" * 16},
        {"cipher__nonce": "AAAA"},
        {"kdf__salt": "A" * 22},
        {"kdf__n": 2**5},
        {"kdf__p": 2},
        {"more": 1},
    ],
)
def test_whatever_is_changed_is_noticed(changed):
    assert refusal(sealed(**changed)) == "the password of the wallet `key.json` is wrong, or the file is damaged"


@pytest.mark.parametrize("word", ["x", WORD + " ", WORD.upper()])
def test_a_wrong_password(word):
    assert refusal(sealed(), word) == "the password of the wallet `key.json` is wrong, or the file is damaged"


def test_an_empty_password():
    assert refusal(sealed(), "") == "the password of a wallet is empty"
    with pytest.raises(WalletError, match="is empty"):
        keystore.seal(KEY, "", address="A" * 43, cost=CHEAP)


@pytest.mark.parametrize(
    "changed",
    [
        {"kdf": 7},
        {"kdf": None},
        {"cipher": []},
        {"data": 7},
        {"data": "!"},
        {"kdf__salt": None},
        {"kdf__name": "argon2"},
        {"cipher__name": "rot13"},
        {"kdf__n": "131072"},
        {"kdf__n": True},
        {"kdf__r": 8.0},
    ],
)
def test_a_damaged_keystore_is_named(changed):
    assert refusal(sealed(**changed)) == "the wallet `key.json` is damaged: a member is missing or of the wrong type"


@pytest.mark.parametrize("changed", [{"kdf__n": 2**30}, {"kdf__r": 2**24}, {"kdf__p": 2**20}, {"kdf__n": 15}, {"kdf__n": 0}, {"kdf__r": -1}])  # fmt: skip
def test_a_file_cannot_ask_for_more_than_a_keystore_needs(changed):
    assert "asks for a scrypt that is none, or more costly than any keystore's" in refusal(sealed(**changed))


def test_another_format_is_named():
    assert refusal(sealed(format="geth/3")) == (
        "the wallet `key.json` is neither an Arweave key nor a keystore of format `tim3tool-keystore/1`"
    )


def test_a_wallet_in_a_keystore_is_the_same_wallet(wallet, tmp_path):
    file = tmp_path / "key.json"
    wallets.save(wallet, file, password=WORD)
    assert file.stat().st_mode & 0o777 == 0o600
    document = json.loads(file.read_bytes())
    assert (document["address"], document["kdf"]["n"]) == (wallet.address, 2**17)
    assert "kty" not in file.read_text()
    asked = []

    def password(shown):
        asked.append(shown)
        return WORD

    assert wallets.load(file, password=password).address == wallet.address
    assert asked == [str(file)]
    with pytest.raises(WalletError, match="is encrypted, and there is nobody to ask") as caught:
        wallets.load(file)
    assert caught.value.help == "give it in TIM3_WALLET_PASSWORD"
    file.chmod(0o644)
    assert len(wallets.load(file, password=password).warnings) == 1


def test_a_key_in_no_file_is_read_too(wallet, tmp_path):
    wallets.save(wallet, tmp_path / "key.json")
    assert wallets.parse((tmp_path / "key.json").read_bytes(), "WALLET_JSON").address == wallet.address
    with pytest.raises(WalletError, match="the wallet `WALLET_JSON` is not a JSON object"):
        wallets.parse(b"key.json", "WALLET_JSON")
