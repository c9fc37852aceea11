"""Each message to the judge once, each offence to its sender."""

from hypothesis import given
from hypothesis import strategies as st

from p2p.groups import lone
from p2p.intake import MAX_OFFENDERS, MEMORY_MESSAGES, MEMORY_SECONDS, Intake
from p2p.transport import MAX_MESSAGE, PeerName
from web3rec.types import Verdict

ANN, BOB = PeerName("ann"), PeerName("bob")


def intake_that(verdict: Verdict) -> tuple[Intake, list[bytes], dict[PeerName, int]]:
    judged: list[bytes] = []
    offences: dict[PeerName, int] = {}

    def judge(sender: PeerName, data: bytes) -> Verdict:
        judged.append(data)
        return verdict

    return Intake(judge, offences), judged, offences


@given(st.lists(st.tuples(st.sampled_from([ANN, BOB]), st.binary(max_size=1)), max_size=60))
def test_each_distinct_message_is_judged_once_and_accepted_once(
    arrivals: list[tuple[PeerName, bytes]],
) -> None:
    intake, judged, _ = intake_that(Verdict.ACCEPT)
    accepted = [data for sender, data in arrivals if intake.accepts(sender, data, 0.0)]
    distinct = list(dict.fromkeys(data for _, data in arrivals))
    assert judged == accepted == distinct


def test_only_rejected_messages_are_held_against_the_sender() -> None:
    for verdict, blame in [(Verdict.ACCEPT, {}), (Verdict.IGNORE, {}), (Verdict.REJECT, {ANN: 1})]:
        intake, _, offences = intake_that(verdict)
        assert intake.accepts(ANN, b"m", 0.0) is (verdict is Verdict.ACCEPT)
        assert offences == blame


def test_what_we_said_ourselves_is_not_judged_when_it_comes_back() -> None:
    intake, judged, _ = intake_that(Verdict.ACCEPT)
    assert not intake.saw(b"ours", 0.0)
    assert not intake.accepts(ANN, b"ours", 1.0)
    assert not judged


def test_a_message_over_the_limit_is_an_offence_the_judge_never_sees() -> None:
    intake, judged, offences = intake_that(Verdict.ACCEPT)
    assert not intake.accepts(ANN, bytes(MAX_MESSAGE + 1), 0.0)
    assert (judged, offences) == ([], {ANN: 1})


def test_a_judge_that_raises_drops_the_message() -> None:
    def judge(sender: PeerName, data: bytes) -> Verdict:
        raise ZeroDivisionError

    offences: dict[PeerName, int] = {}
    assert not Intake(judge, offences).accepts(ANN, b"m", 0.0)
    assert not offences


def test_messages_are_forgotten_in_time_and_never_more_than_so_many_kept() -> None:
    intake, judged, _ = intake_that(Verdict.IGNORE)
    intake.accepts(ANN, b"m", 0.0)
    intake.accepts(ANN, b"m", MEMORY_SECONDS - 1)
    assert judged == [b"m"]
    intake.accepts(ANN, b"m", MEMORY_SECONDS)
    assert judged == [b"m", b"m"]
    for n in range(MEMORY_MESSAGES + 10):
        intake.saw(n.to_bytes(4), MEMORY_SECONDS)
    assert len(intake._seen) == MEMORY_MESSAGES


def test_names_made_for_nothing_do_not_fill_the_book_of_offences() -> None:
    intake, _, offences = intake_that(Verdict.REJECT)
    for _ in range(3):
        intake.offence(ANN, "worse than the others")
    for n in range(2 * MAX_OFFENDERS):
        intake.offence(PeerName(f"sybil {n}"), "once")
    assert len(offences) == MAX_OFFENDERS
    assert offences[ANN] == 3


def test_a_lone_exception_is_taken_out_of_its_groups() -> None:
    error = ValueError("mine")
    assert lone(BaseExceptionGroup("", [BaseExceptionGroup("", [error])])) is error
    two = BaseExceptionGroup("", [BaseExceptionGroup("", [error, KeyError()])])
    assert lone(two) is two
