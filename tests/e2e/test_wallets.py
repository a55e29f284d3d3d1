"""Which key signs, and keys under a password, from the command line."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tim3tool.localnet import serving
from tim3tool.network import wallet as wallets

WORD = "correct horse"


@pytest.fixture
def keys(project, wallet, stranger):
    wallets.save(wallet, project.folder / "key.json")
    wallets.save(stranger, project.folder / "other.json")
    return project


def address(project, *words, **environment):
    ran = project.run("wallet", "address", *words, **environment)
    assert ran.code == 0, ran.err
    return ran.out.strip()


def test_the_option_goes_before_the_variables(keys, wallet, stranger):
    text = (keys.folder / "other.json").read_text()
    assert address(keys, "--wallet", "key.json", TIM3_WALLET="other.json", WALLET_JSON=text) == wallet.address
    assert address(keys, TIM3_WALLET="key.json", WALLET_JSON=text) == wallet.address
    assert address(keys, WALLET_JSON=text) == stranger.address
    assert address(keys, WALLET_JSON="") not in (wallet.address, stranger.address)


def test_the_manifest_names_a_wallet_for_a_network(keys, wallet, stranger):
    manifest = (keys.folder / "aoform.yaml").read_text()
    keys.write("aoform.yaml", "networks: {local: {wallet: key.json}}\n" + manifest)
    assert keys.run("deploy", "--json", cwd="ao", TIM3_FILE="../aoform.yaml").document["owner"] == wallet.address
    keys.write("aoform.yaml", f"networks: {{local: {{wallet: '{keys.folder}/key.json'}}}}\n" + manifest)
    assert keys.run("deploy", "--json").document["sent"] == 0
    ran = keys.run("deploy", "--json", WALLET_JSON=(keys.folder / "other.json").read_text())
    assert f"this is wallet `{stranger.address}`" in ran.document["error"]["message"]


@pytest.mark.parametrize(
    ("written", "code", "said"),
    [
        ("none.json", 4, "there is no wallet at"),
        ("~nobody-of-this-name/key.json", 2, "lies in the home of nobody known here"),
    ],
)
def test_a_wallet_of_the_manifest_that_is_none(keys, written, code, said):
    manifest = (keys.folder / "aoform.yaml").read_text()
    keys.write("aoform.yaml", f"networks: {{local: {{wallet: '{written}'}}}}\n{manifest}")
    ran = keys.run("deploy")
    assert (ran.code, said in ran.err) == (code, True), ran.err
    assert not (keys.folder / ".tim3/state").exists()


def test_a_public_network_takes_the_key_of_the_variable(keys):
    with serving(lambda _: None) as gone:
        url = gone.url.replace("127.0.0.1", "0.0.0.0")
    manifest = (keys.folder / "aoform.yaml").read_text()
    keys.write("aoform.yaml", f"networks: {{there: {{kind: hyperbeam, node: '{url}'}}}}\n{manifest}")
    words = ("message", "A" * 43, "--network", "there", "--timeout", "0.2")
    assert keys.run(*words).code == 4
    assert keys.run(*words, WALLET_JSON=(keys.folder / "key.json").read_text()).code == 3


@pytest.mark.parametrize("text", ["key.json", "{", "[]", '{"kty": "RSA", "d": "secret-number"}'])
def test_a_variable_that_holds_no_key_is_four_and_not_shown(project, text):
    ran = project.run("wallet", "address", WALLET_JSON=text)
    assert ran.code == 4
    assert "the wallet `WALLET_JSON`" in ran.err
    assert "secret-number" not in ran.err


def test_a_key_under_a_password(keys, wallet):
    ran = keys.run("wallet", "encrypt", "key.json", "sealed.json", TIM3_WALLET_PASSWORD=WORD)
    assert (ran.code, ran.out.strip()) == (0, wallet.address), ran.err
    sealed = keys.folder / "sealed.json"
    assert sealed.stat().st_mode & 0o777 == 0o600
    assert json.loads(sealed.read_text())["address"] == wallet.address
    assert address(keys, "--wallet", "sealed.json", TIM3_WALLET_PASSWORD=WORD) == wallet.address
    assert address(keys, WALLET_JSON=sealed.read_text(), TIM3_WALLET_PASSWORD=WORD) == wallet.address
    ran = keys.run("wallet", "address", "--wallet", "sealed.json", TIM3_WALLET_PASSWORD="wrong one")
    assert (ran.code, "is wrong, or the file is damaged" in ran.err) == (4, True)
    assert "wrong one" not in ran.err
    ran = keys.run("wallet", "address", "--wallet", "sealed.json")
    assert (ran.code, "there is nobody to ask" in ran.err) == (4, True)
    assert "TIM3_WALLET_PASSWORD" in ran.err
    ran = keys.run("wallet", "encrypt", "key.json", "sealed.json", TIM3_WALLET_PASSWORD=WORD)
    assert (ran.code, "a key is never overwritten" in ran.err) == (4, True)
    assert keys.run("wallet", "encrypt", "key.json", "e.json", TIM3_WALLET_PASSWORD="").code == 4
    assert not (keys.folder / "e.json").exists()


def test_a_new_key_under_a_password(project):
    ran = project.run("wallet", "new", "new.json", "--encrypt", "--json", TIM3_WALLET_PASSWORD=WORD)
    assert ran.document == {"schema": "tim3tool.wallet/1", "address": ran.document["address"], "path": "new.json"}
    assert address(project, "--wallet", "new.json", TIM3_WALLET_PASSWORD=WORD) == ran.document["address"]
    assert project.run("wallet", "new", "none.json", "--encrypt").code == 4
    assert not (project.folder / "none.json").exists()


ON_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


def typed(project, *words, answers):
    """Run a command on a terminal of its own, type the answers, and return (exit code, what was shown)."""
    with subprocess.Popen(
        [sys.executable, "-c", ON_A_TERMINAL, *project.command(*words)],
        cwd=project.folder,
        env=project.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    ) as run:
        shown = b""
        for answer in answers:
            shown += run.stdout.read(1)
            while not shown.endswith(b": "):
                shown += run.stdout.read(1)
            run.stdin.write(f"{answer}\n".encode())
        shown += run.stdout.read()
    return run.returncode, shown.decode()


def test_a_password_is_typed_unseen(keys, wallet):
    code, shown = typed(keys, "wallet", "encrypt", "key.json", "sealed.json", answers=[WORD, "other"])
    assert (code, "the two passwords differ" in shown) == (4, True), shown
    assert not (keys.folder / "sealed.json").exists()
    code, shown = typed(keys, "wallet", "encrypt", "key.json", "sealed.json", answers=[WORD, WORD])
    assert (code, wallet.address in shown) == (0, True), shown
    code, shown = typed(keys, "wallet", "address", "--wallet", "sealed.json", answers=[WORD])
    assert (code, wallet.address in shown) == (0, True), shown
    assert WORD not in shown
    assert "password of sealed.json: " in shown
