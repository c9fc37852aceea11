"""Keys: files, texts, and the signatures that must not count."""

import hashlib
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import example, given
from hypothesis import strategies as st

from tests.strategies import KEYS, peers, signing_keys
from tests.web3rec.records import edwards
from web3rec.errors import DataError, KeyFileError
from web3rec.records.keys import (
    GROUP_ORDER,
    TORSION_YS,
    SigningKey,
    did_key,
    is_weak,
    libp2p_peer_id,
    parse_peer,
    peer_from_did,
    peer_from_libp2p,
    verify,
)
from web3rec.types import PeerId

KEY = KEYS[0]
TORSION = sorted(spelling for point in edwards.torsion() for spelling in edwards.spellings(point))
LIFTED = [y.to_bytes(32, "little") for y in range(edwards.P, 2**255)]
"""The 19 second spellings of small y."""


def secret_scalar(seed: bytes) -> int:
    """The scalar a seed stands for (RFC 8032 §5.1.5)."""
    h = hashlib.sha512(seed).digest()[:32]
    return int.from_bytes(h, "little") & ((1 << 254) - 8) | (1 << 254)


def challenge(r: bytes, peer: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(r + peer + message).digest(), "little") % edwards.L


def signed_with_r(r: bytes, r_scalar: int, seed: bytes, message: bytes) -> bytes:
    """The signature its owner makes with this R = r_scalar * B + torsion."""
    peer = SigningKey.from_seed(seed).peer
    s = (r_scalar + challenge(r, peer, message) * secret_scalar(seed)) % edwards.L
    return r + s.to_bytes(32, "little")


def test_R9_the_torsion_list_is_the_curve_s() -> None:
    """Oracle: the points of order 8 from plain integers; 8 points, 5 different y."""
    points = edwards.torsion()
    assert len(points) == 8
    assert {y for _, y in points} == TORSION_YS
    assert len(TORSION) == 14  # 8, two of x = 0 with a sign, 4 of y + p
    assert edwards.L == GROUP_ORDER


@pytest.mark.parametrize("peer", TORSION + LIFTED, ids=bytes.hex)
def test_R9_small_order_and_second_spellings_are_weak_and_never_verify(peer: bytes) -> None:
    """For A of small order, R = S = 0 fits every message whose challenge the order divides."""
    signed = peer.ljust(32, b"\0")
    for message in (b"", b"any", b"thing", b"fits", b"it"):
        for r in TORSION:
            assert not verify(PeerId(signed), r + bytes(32), message)
    assert is_weak(signed)


def test_R9_a_signature_that_fits_every_message_is_refused() -> None:
    """Key and R the identity, S = 0: `cryptography` 50 accepts that for any message."""
    identity = PeerId((1).to_bytes(32, "little"))
    anything = (1).to_bytes(32, "little") + bytes(32)
    assert not verify(identity, anything, b"pay everybody")


@given(signing_keys(), st.binary(max_size=64))
def test_R9_s_beyond_the_group_order_is_refused(key: SigningKey, message: bytes) -> None:
    """S and S + L satisfy the same equation: a third party could make a second signature."""
    signature = key.sign(message)
    s = int.from_bytes(signature[32:], "little")
    assert verify(key.peer, signature, message)
    for other in range(s + GROUP_ORDER, 2**256, GROUP_ORDER):
        assert not verify(key.peer, signature[:32] + other.to_bytes(32, "little"), message)


def test_R9_r_of_small_order_is_refused() -> None:
    """Its owner can make such a signature; libraries do not agree about it."""
    seed = b"r" * 32
    identity = (1).to_bytes(32, "little")
    forged = signed_with_r(identity, 0, seed, b"m")
    assert not verify(SigningKey.from_seed(seed).peer, forged, b"m")


@given(
    st.binary(min_size=32, max_size=32),
    st.binary(max_size=40),
    st.sampled_from(["honest", "flip", "random", "s + L", "weak key", "weak r", "lifted key"]),
    st.data(),
)
def test_R9_two_libraries_agree(seed: bytes, message: bytes, case: str, data: Any) -> None:
    """Oracle: libsodium, through PyNaCl."""
    nacl: Any = pytest.importorskip("nacl.signing")
    errors: Any = pytest.importorskip("nacl.exceptions")
    key = SigningKey.from_seed(seed)
    peer: bytes = key.peer
    signature = key.sign(message)
    if case == "flip":
        mutant = bytearray(signature)
        mutant[data.draw(st.integers(0, 63))] ^= 1 << data.draw(st.integers(0, 7))
        signature = bytes(mutant)
    elif case == "random":
        peer = data.draw(st.binary(min_size=32, max_size=32))
    elif case == "s + L":
        s = int.from_bytes(signature[32:], "little") + GROUP_ORDER
        signature = signature[:32] + s.to_bytes(32, "little")
    elif case == "weak key":
        peer = data.draw(st.sampled_from(TORSION))
        signature = data.draw(st.sampled_from(TORSION)) + bytes(32)
    elif case == "weak r":
        r = data.draw(st.sampled_from(TORSION))
        signature = signed_with_r(r, 0, seed, message)
    elif case == "lifted key":
        peer = data.draw(st.sampled_from(LIFTED))
    try:
        nacl.VerifyKey(peer).verify(message, signature)
        theirs = True
    except errors.BadSignatureError:
        theirs = False
    assert verify(PeerId(peer), signature, message) == theirs
    assert theirs == (case == "honest")


@given(st.binary(max_size=70), st.binary(max_size=70), st.binary(max_size=70))
def test_verify_never_raises(peer: bytes, signature: bytes, message: bytes) -> None:
    assert not verify(PeerId(peer), signature, message)
    assert not verify(KEY.peer, signature, message)
    assert not verify(PeerId(peer), KEY.sign(message), message) or peer == KEY.peer


def test_the_first_vector_of_rfc_8032() -> None:
    key = SigningKey.from_seed(
        bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    )
    assert key.peer.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert key.sign(b"").hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )


@given(peers())
@example(PeerId(bytes(32)))
@example(PeerId(b"\xff" * 32))
def test_R12_every_spelling_of_a_peer_leads_back(peer: PeerId) -> None:
    assert peer_from_did(did_key(peer)) == peer
    assert peer_from_libp2p(libp2p_peer_id(peer)) == peer
    for text in (did_key(peer), libp2p_peer_id(peer), peer.hex(), f" {peer.hex().upper()}\n"):
        assert parse_peer(text) == peer


def test_R12_the_spellings_known_elsewhere() -> None:
    """From the did:key specification, §ed25519; the peer id from the same key by hand."""
    did = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
    peer = peer_from_did(did)
    assert peer.hex() == "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"
    assert did_key(peer) == did
    assert libp2p_peer_id(peer).startswith("12D3KooW")


@pytest.mark.slow
def test_R12_libp2p_spells_it_the_same() -> None:
    peer_id: Any = pytest.importorskip("libp2p.peer.id")
    ed25519: Any = pytest.importorskip("libp2p.crypto.ed25519")
    theirs = peer_id.ID.from_pubkey(ed25519.Ed25519PublicKey.from_bytes(KEY.peer))
    assert libp2p_peer_id(KEY.peer) == str(theirs)


@given(st.text(max_size=80))
@example("")
@example("did:key:")
@example("did:key:z")
@example("did:key:z6Mk0OIl")
@example("did:web:example.org")
@example("did:key:z" + "1" * 100_000)
@example("12D3KooW")
@example(did_key(KEY.peer)[:-1])
@example(did_key(KEY.peer) + "1")
@example(did_key(KEY.peer).replace("z6", "z16"))
@example(libp2p_peer_id(KEY.peer)[1:])
@example(KEY.peer.hex()[:-1])
def test_what_names_no_peer_is_a_data_error(text: str) -> None:
    with pytest.raises(DataError, match="want"):
        parse_peer(text)
    for parse in (peer_from_did, peer_from_libp2p):
        with pytest.raises(DataError, match="want"):
            parse(text)


def test_a_bare_key_in_base_58_is_no_did() -> None:
    with pytest.raises(DataError, match="did:key"):
        peer_from_did(did_key(KEY.peer).removeprefix("did:key:"))


def test_a_saved_key_is_loaded_again(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    key = SigningKey.generate()
    key.save(path)
    loaded = SigningKey.load(path)
    assert loaded.peer == key.peer
    assert loaded.sign(b"m") == key.sign(b"m")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["key.pem"]


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    KEY.save(path)
    with pytest.raises(KeyFileError, match="never overwritten"):
        KEYS[1].save(path)
    assert SigningKey.load(path).peer == KEY.peer
    assert [p.name for p in tmp_path.iterdir()] == ["key.pem"]


def test_a_link_that_leads_nowhere_is_not_overwritten_either(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyFileError, match="exists"):
        KEY.save(path)


@pytest.mark.parametrize("taken", [False, True])
def test_without_hard_links_a_key_is_saved_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    """As on Android, where apps may not make hard links."""

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = tmp_path / "key.pem"
    if taken:
        path.write_text("mine")
        with pytest.raises(KeyFileError, match="never overwritten"):
            KEY.save(path)
        assert path.read_text() == "mine"
    else:
        KEY.save(path)
        assert SigningKey.load(path).peer == KEY.peer
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["key.pem"]


def test_a_key_cannot_be_saved_into_nowhere(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot write"):
        KEY.save(tmp_path / "none" / "key.pem")


def test_unusable_key_files_say_what_to_do(tmp_path: Path) -> None:
    ours, curve = Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())
    pem, pkcs8 = Encoding.PEM, PrivateFormat.PKCS8
    cases = {
        b"": "restore it from your backup",
        b"not a key": "restore it from your backup",
        b"\xff\xfe": "restore it from your backup",
        ours.private_bytes(pem, pkcs8, NoEncryption())[:60]: "restore it from your backup",
        ours.private_bytes(pem, pkcs8, BestAvailableEncryption(b"word")): "passphrase",
        curve.private_bytes(pem, pkcs8, NoEncryption()): "want Ed25519",
    }
    path = tmp_path / "key.pem"
    path.touch(mode=0o600)
    for content, why in cases.items():
        path.write_bytes(content)
        with pytest.raises(KeyFileError, match=why):
            SigningKey.load(path)
    with pytest.raises(KeyFileError, match="no key file"):
        SigningKey.load(tmp_path / "none.pem")
    with pytest.raises(KeyFileError, match="cannot read"):
        SigningKey.load(tmp_path)


def test_a_key_does_not_show_its_secret() -> None:
    seed = b"q" * 32
    assert repr(SigningKey.from_seed(seed)) == repr(SigningKey.from_seed(seed))
    assert "Private" not in repr(SigningKey.from_seed(seed))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_seed_has_32_bytes(length: int) -> None:
    with pytest.raises(DataError, match="32 bytes"):
        SigningKey.from_seed(bytes(length))
