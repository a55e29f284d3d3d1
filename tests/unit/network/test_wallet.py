"""Wallet files: what is accepted, what is refused, and that nothing leaks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tim3tool.errors import WalletError, explain
from tim3tool.network import base64url, dataitem
from tim3tool.network import wallet as wallets


@pytest.fixture
def file(wallet, tmp_path):
    path = tmp_path / "wallet.json"
    wallets.save(wallet, path)
    return path


def changed(path: Path, **members) -> Path:
    """The file with other members; None takes one out."""
    jwk = json.loads(path.read_text()) | members
    path.write_text(json.dumps({name: value for name, value in jwk.items() if value is not None}))
    return path


def test_a_saved_wallet_loads_as_the_same_one(wallet, file):
    again = wallets.load(file)
    assert again.address == wallet.address
    assert dataitem.verify(dataitem.sign(again))
    assert again.warnings == ()
    assert base64url.is_id(again.address)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_key_is_never_overwritten(wallet, file):
    before = file.read_bytes()
    with pytest.raises(WalletError, match="exists, and a key is never overwritten"):
        wallets.save(wallet, file)
    assert file.read_bytes() == before


def test_no_text_of_a_wallet_shows_its_key(wallet, file):
    jwk = json.loads(file.read_text())
    assert repr(wallet) == str(wallet) == f"Wallet(address={wallet.address!r})"
    assert not any(jwk[name] in f"{wallet!r} {wallet}" for name in ("d", "p", "q", "n"))


def test_a_file_open_to_others_comes_with_a_warning(file):
    file.chmod(0o640)
    assert wallets.load(file).warnings == (
        f"the wallet `{file}` is open to other users; close it with `chmod 600 {file}`",
    )


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(WalletError, match=r"there is no wallet at `.*none\.json`") as caught:
        wallets.load(tmp_path / "none.json")
    assert caught.value.exit_code == 4


def test_a_folder_is_no_wallet(tmp_path):
    with pytest.raises(WalletError, match="cannot be read: Is a directory"):
        wallets.load(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '"secret"', "\x00", "[" * 100_000])
def test_a_file_that_holds_no_json_object_is_named(file, text):
    file.write_text(text)
    with pytest.raises(WalletError, match="is not a JSON object"):
        wallets.load(file)


@pytest.mark.parametrize("name", ["n", "e", "d", "p", "q", "dp", "dq", "qi"])
def test_a_missing_number_is_named(file, name):
    with pytest.raises(WalletError, match=f"has no `{name}`"):
        wallets.load(changed(file, **{name: None}))


@pytest.mark.parametrize("value", ["!!!!", "a", 7, ["AQAB"], "AQAB=", "ключ"])
def test_a_number_that_is_not_base64url_is_named(file, value):
    with pytest.raises(WalletError, match=r"`d` in the wallet .* is not base64url"):
        wallets.load(changed(file, d=value))


@pytest.mark.parametrize("kty", [None, "EC", 1])
def test_another_kind_of_key_is_named(file, kty):
    with pytest.raises(WalletError, match="its `kty` is not `RSA`"):
        wallets.load(changed(file, kty=kty))


def test_a_key_of_another_size_is_named(tmp_path):
    small = wallets.Wallet(key=rsa.generate_private_key(65537, 2048))
    wallets.save(small, tmp_path / "small.json")
    with pytest.raises(WalletError, match="has 2048 bits; an Arweave key has 4096"):
        wallets.load(tmp_path / "small.json")


def test_another_exponent_is_named(file):
    with pytest.raises(WalletError, match="the public exponent `e` of the key"):
        wallets.load(changed(file, e="Aw"))


@pytest.mark.parametrize("name", ["d", "p", "q", "dp", "dq", "qi"])
def test_numbers_that_do_not_belong_together_are_refused_without_being_shown(file, name):
    number = json.loads(file.read_text())[name]
    other = ("B" if number[0] == "A" else "A") + number[1:]
    with pytest.raises(WalletError, match=r"the numbers of the key in .* do not belong together") as caught:
        wallets.load(changed(file, **{name: other}))
    assert other not in explain(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(("p", "q"), [("AA", "AQ"), ("AQ", "AA"), ("Ag", "Ag")])
def test_factors_of_no_key_are_refused(file, p, q):
    with pytest.raises(WalletError, match="do not belong together"):
        wallets.load(changed(file, p=p, q=q))


def test_a_factor_of_one_is_refused(file):
    with pytest.raises(WalletError, match="do not belong together"):
        wallets.load(changed(file, p=json.loads(file.read_text())["n"], q="AQ"))


def test_where_the_development_wallet_lives():
    assert wallets.home_folder({"TIM3_HOME": "/a", "XDG_DATA_HOME": "/b"}) == Path("/a")
    assert wallets.home_folder({"XDG_DATA_HOME": "/b"}) == Path("/b/tim3tool")
    assert wallets.home_folder({"XDG_DATA_HOME": "relative"}) == Path.home() / ".local/share/tim3tool"
    assert wallets.home_folder({}) == Path.home() / ".local/share/tim3tool"


def test_the_development_wallet_is_made_once_and_for_its_user_alone(tmp_path):
    home = tmp_path / "data" / "tim3tool"
    first = wallets.development_wallet(home)
    assert wallets.development_wallet(home).address == first.address
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "development-wallet.json").stat().st_mode & 0o777 == 0o600
    assert first.warnings == ()


def test_two_runs_that_start_at_once_get_the_same_development_wallet(tmp_path):
    code = (
        "import sys; from pathlib import Path; from tim3tool.network import wallet; "
        "print(wallet.development_wallet(Path(sys.argv[1])).address)"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "home")], stdout=subprocess.PIPE) for _ in range(2)
    ]
    addresses = {run.communicate(timeout=60)[0] for run in runs}
    assert len(addresses) == 1
    assert len(addresses.pop()) == 44


def test_a_home_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WalletError, match=r"no development wallet can be made in .*: Not a directory"):
        wallets.development_wallet(tmp_path / "file" / "home")


def test_a_damaged_development_wallet_is_not_replaced(tmp_path):
    (tmp_path / "development-wallet.json").write_text("{")
    with pytest.raises(WalletError, match="is not a JSON object"):
        wallets.development_wallet(tmp_path)
    assert (tmp_path / "development-wallet.json").read_text() == "{"
