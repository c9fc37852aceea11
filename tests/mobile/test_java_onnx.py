"""One contract for whatever runs a bundle's model: NumPy, onnxruntime, and Java's onnxruntime.

Java is a stand-in over the onnxruntime that is installed, which checks arguments as Java would
(tests/mobile/java); test_java_onnx_jvm.py asks a real Java machine through the real pyjnius.
"""

import gc
import os
import sys
import threading
from collections.abc import Callable

import numpy as np
import pytest

from mobile.java_onnx import found
from tests.web3rec.rerank.bundle import hybrids, networks
from tests.web3rec.rerank.bundle.bundles import COLUMNS, FILES, features, taken, toy
from tests.web3rec.rerank.bundle.onnx_bytes import attribute, declared, graph, model, node, tensor
from web3rec.rerank.bundle import hybrid_onnx, onnx_backend, weights
from web3rec.rerank.bundle.given import Lookup
from web3rec.rerank.bundle.manifest import Layer
from web3rec.rerank.bundle.numpy_backend import NumpyModel, steps
from web3rec.rerank.bundle.onnx_backend import ONNXRUNTIME, OnnxModel
from web3rec.rerank.bundle.opening import reranker
from web3rec.rerank.bundle.runtime import Runtime
from web3rec.rerank.features import NAMES, Features
from web3rec.rerank.model import ModelError, Reranker, ranked

if not onnx_backend.is_there():
    pytest.skip("no onnxruntime below 1.29: pip install web3rec[onnx]", allow_module_level=True)

from tests.mobile.java.runtime import Counted, put_in

pytestmark = pytest.mark.filterwarnings("error")
ALL = tuple(NAMES)
Backend = Callable[[bytes], Reranker]
"""What makes a reranker of a bundle."""


@pytest.fixture
def java(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """A phone that has Java's onnxruntime."""
    return put_in(monkeypatch)


@pytest.fixture(params=["NumPy", "onnxruntime", "Java"])
def backend(request: pytest.FixtureRequest, java: Counted) -> Backend:
    def made(data: bytes) -> Reranker:
        bundle = taken(data)
        columns = tuple(column.name for column in bundle.manifest.columns)
        if request.param == "NumPy":
            return NumpyModel(bundle.steps, columns, bundle.lookup)
        runtime: Runtime = ONNXRUNTIME if request.param == "onnxruntime" else found()
        assert bundle.onnx is not None
        return OnnxModel(bundle.onnx, columns, 10, bundle.lookup, runtime)

    return made


class TestContract:
    """What a list may rely on, whichever backend it is."""

    def test_a_linear_model_by_hand(self, backend: Backend) -> None:
        """scores = 2 walk - popular; 2 * 3 - 1 = 5 and 2 * .5 - 4 = -3."""
        values = np.zeros((2, len(NAMES)), dtype=np.float32)
        values[:, NAMES.index("walk")] = [3, 0.5]
        values[:, NAMES.index("popular")] = [1, 4]
        asked = Features(values, np.array([1, 0]))
        assert backend(toy()).scores(asked).tolist() == [5, -3]

    @pytest.mark.parametrize("n", [0, 1, 2, 200, 1000])
    def test_one_finite_score_for_each_candidate(self, backend: Backend, n: int) -> None:
        scores = backend(toy()).scores(features(np.random.default_rng(n), n))
        assert scores.shape == (n,)
        assert scores.dtype == np.float64
        assert np.isfinite(scores).all()

    def test_more_candidates_than_a_model_takes(self, backend: Backend) -> None:
        with pytest.raises(ModelError, match="1001 candidates"):
            backend(toy()).scores(features(np.random.default_rng(1), 1001))

    def test_X4_infinity_is_no_answer_and_the_next_list_has_one(self, backend: Backend) -> None:
        asked, answer = features(np.random.default_rng(1), 3), backend(toy())
        before = answer.scores(asked)
        far = np.full_like(asked.values, 3e38)
        far[:, NAMES.index("popular")] = -3e38
        with pytest.raises(ModelError, match="NaN or infinity"):
            answer.scores(Features(far, asked.order))
        assert answer.scores(asked).tolist() == before.tolist()

    def test_it_is_given_what_it_reads_and_changes_nothing_of_it(self, backend: Backend) -> None:
        asked = features(np.random.default_rng(2), 9)
        asked.values.flags.writeable = False
        before = asked.values.tobytes()
        backend(toy()).scores(asked)
        assert asked.values.tobytes() == before

    def test_another_thread_gets_the_same_answer(self, backend: Backend) -> None:
        asked, answer, heard = features(np.random.default_rng(3), 50), backend(toy()), []
        thread = threading.Thread(target=lambda: heard.append(answer.scores(asked)))
        thread.start()
        thread.join()
        assert heard[0].tolist() == answer.scores(asked).tolist()

    def test_a_model_of_vectors_and_history_scores_and_wants_item_keys(
        self, backend: Backend
    ) -> None:
        rng = np.random.default_rng(4)
        answer = backend(hybrids.sealed_small())
        asked = hybrids.asked(rng, 40, 9, 6, far=50)
        assert len(set(answer.scores(asked).tolist())) > 30
        with pytest.raises(ModelError, match="names no items"):
            answer.scores(Features(asked.values, asked.order))


@pytest.fixture(params=["onnxruntime", "Java"])
def runtime(request: pytest.FixtureRequest, java: Counted) -> Runtime:
    return ONNXRUNTIME if request.param == "onnxruntime" else found()


class TestRuntimes:
    """What a runtime promises besides: refusals that name it, and a stop."""

    def test_what_is_no_model_is_refused_for_good(self, runtime: Runtime) -> None:
        answer = OnnxModel(b"no model", COLUMNS, runtime=runtime)
        asked = features(np.random.default_rng(1), 5)
        for _ in range(2):
            said = ranked(answer, asked)
            assert said.reason is not None
            assert said.reason.endswith("onnxruntime cannot load the model")
            assert said.order.tolist() == asked.order.tolist()

    def test_a_model_that_fails_says_so_and_lives(self, runtime: Runtime) -> None:
        session = runtime.session(FILES["model.onnx"])
        for wrong in ({"other": np.ones((1, 2), np.float32)}, {}, {"features": np.ones((2, 9))}):
            with pytest.raises(ModelError):
                session.run({name: np.asarray(held) for name, held in wrong.items()}, 10)
        two = np.array([[3, 1], [0.5, 4]], dtype=np.float32)
        assert np.ravel(session.run({"features": two}, 10)).tolist() == [5, -3]

    def test_rows_that_do_not_lie_row_by_row_are_read_right(self, runtime: Runtime) -> None:
        session = runtime.session(FILES["model.onnx"])
        lying = np.asfortranarray(np.array([[3, 1], [0.5, 4]], dtype=np.float32))
        assert np.ravel(session.run({"features": lying}, 10)).tolist() == [5, -3]

    def test_X4_one_that_takes_long_is_stopped_and_can_be_asked_again(
        self, runtime: Runtime
    ) -> None:
        answer = OnnxModel(slow(), COLUMNS, 60, runtime=runtime)
        asked = features(np.random.default_rng(1), 1000)
        answer.warm()
        answer.seconds = 1e-4
        with pytest.raises(ModelError, match=r"more than 0\.1 ms"):
            answer.scores(asked)
        answer.seconds = 60
        assert np.isfinite(answer.scores(asked)).all()


def slow() -> bytes:
    """260 million multiplications and 10 million tanh: no machine does them in .1 ms."""
    held = [
        tensor("f", np.ones((2, 512), dtype=np.float32)),
        tensor("s", np.full((512, 512), 0.01, dtype=np.float32)),
        tensor("l", np.ones((512, 1), dtype=np.float32)),
    ]
    nodes = [node("MatMul", ["features", "f"], ["x0"]), node("MatMul", ["x0", "s"], ["y0"])]
    nodes += [node("Tanh", [f"y{n}"], [f"y{n + 1}"]) for n in range(20)]
    nodes.append(node("MatMul", ["y20", "l"], ["scores"]))
    return model(graph(nodes, held))


class TestParity:
    """The same model: the same list, and by way of Java the same bits."""

    @pytest.mark.parametrize("layers", [networks.LAYERS, networks.EIGHT_BIT])
    def test_networks(self, java: Counted, layers: tuple[Layer, ...]) -> None:
        rng = np.random.default_rng(17)
        through_java = found()
        for _ in range(10):
            arrays = networks.arrays(rng, len(ALL), 32, layers)
            data, asked = networks.onnx(arrays, layers), features(rng, 200)
            plain = steps(layers, weights.read(weights.written(arrays)), len(ALL))
            agree(asked, NumpyModel(plain, ALL), data, None, through_java)

    @pytest.mark.parametrize("eight_bit", [False, True])
    def test_hybrids(self, java: Counted, eight_bit: bool) -> None:
        rng = np.random.default_rng(18)
        through_java = found()
        for _ in range(5):
            one = hybrids.network(rng)
            where = hybrids.lookup(hybrids.table(rng, 300, 8))
            plain = hybrids.backends(one, where, eight_bit=eight_bit)[0]
            data = hybrid_onnx.written(one, eight_bit=eight_bit)
            agree(hybrids.asked(rng, 200, 20, 300), plain, data, where, through_java)


def agree(
    asked: Features, plain: NumpyModel, data: bytes, where: Lookup | None, java: Runtime
) -> None:
    """NumPy within rounding of onnxruntime and of the same list; Java the same bits."""
    desktop = OnnxModel(data, ALL, 10, where)
    phone = OnnxModel(data, ALL, 10, where, java)
    one, two, three = plain.scores(asked), desktop.scores(asked), phone.scores(asked)
    assert two.tobytes() == three.tobytes()
    assert np.abs(one - two).max() <= 1e-4 * max(1, np.abs(two).max())
    assert top(plain, asked) == top(desktop, asked) == top(phone, asked)


def top(by: Reranker, asked: Features) -> list[int]:
    return list(ranked(by, asked).order[:20])


# -- Java only -------------------------------------------------------------------------------------


def test_nothing_of_java_stays_open_whatever_happened(java: Counted) -> None:
    session = found().session(FILES["model.onnx"])
    two = np.array([[3, 1], [0.5, 4]], dtype=np.float32)
    kept = {"OrtSession": 1, "SessionOptions": 1}
    session.run({"features": two}, 10)
    assert +java.open == kept
    for broken in ("Result", "RunOptions", "OrtSession"):
        java.broken = {broken}
        with pytest.raises(ModelError):
            session.run({"features": two}, 10)
        java.broken = set()
    with pytest.raises(ModelError, match="float32"):
        session.run({"features": two.astype(np.float64)}, 10)
    with pytest.raises(ModelError):
        found().session(b"no model")
    assert java.open["OnnxTensor"] <= 1  # the answer of a Result that would not close
    session.close()  # type: ignore[attr-defined]
    assert (java.open["OrtSession"], java.open["SessionOptions"]) == (0, 0)


def test_an_answer_that_comes_too_late_is_closed_all_the_same(java: Counted) -> None:
    session = found().session(slow())
    java.broken = {"setTerminate"}  # so that it is not stopped, and answers
    with pytest.raises(ModelError, match="more than"):
        session.run({"features": np.ones((1000, 2), np.float32)}, 1e-4)
    assert +java.open == {"OrtSession": 1, "SessionOptions": 1}


def test_a_model_that_nobody_has_any_more_is_freed(java: Counted) -> None:
    answer = OnnxModel(FILES["model.onnx"], COLUMNS, 10, runtime=found())
    answer.warm()
    assert java.open["OrtSession"] == 1
    del answer
    gc.collect()
    assert not +java.open


def test_one_thread_no_arena_nothing_logged_nothing_sent(
    java: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    found().session(FILES["model.onnx"])
    inner = java.options[0].inner
    assert (inner.intra_op_num_threads, inner.inter_op_num_threads) == (1, 1)
    assert (inner.enable_cpu_mem_arena, inner.log_severity_level) == (False, 4)
    assert java.telemetry == [False]
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"


def test_classes_are_looked_up_at_once_and_by_no_worker(java: Counted) -> None:
    through = found()
    java.looked_up.clear()
    answer = OnnxModel(FILES["model.onnx"], COLUMNS, 10, runtime=through)
    thread = threading.Thread(target=answer.warm)
    thread.start()
    thread.join()
    assert answer.scores(features(np.random.default_rng(1), 4)).size == 4
    assert java.looked_up == []


def test_the_thread_that_stops_a_run_takes_leave_of_java(java: Counted) -> None:
    answer = OnnxModel(slow(), COLUMNS, 60, runtime=found())
    answer.warm()
    assert java.detached == []
    answer.seconds = 1e-4
    with pytest.raises(ModelError, match="more than"):
        answer.scores(features(np.random.default_rng(1), 1000))
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join()
    assert java.detached == [False]


def test_an_engine_that_sends_telemetry_or_will_not_say_is_not_used(java: Counted) -> None:
    for version in ("1.29.0", "1.30", "2.0", "odd", None):
        java.version = version
        through = found()
        assert not through.is_there()
        assert through.why_not
        with pytest.raises(ModelError, match="onnxruntime-android"):
            through.session(FILES["model.onnx"])
    assert java.options == []


def test_where_it_is_not_there_is_a_reason_and_no_error(
    java: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    java.broken = {"getEnvironment"}
    assert not found().is_there()
    java.missing = {"ai.onnxruntime.OrtEnvironment"}
    assert not found().is_there()
    assert "1.28.0" in found().why_not
    monkeypatch.setitem(sys.modules, "jnius", None)
    assert found().why_not == "there is no pyjnius: this is not Android"
    assert isinstance(reranker(taken(toy()), runtimes=(found(),)), NumpyModel)


def test_an_answer_that_is_not_float32_is_none(java: Counted) -> None:
    whole = node("Cast", ["features"], ["scores"], attribute("to", 2, 3, 7))
    gives = declared("scores", ["n", 2], 7)  # int64
    session = found().session(model(graph([whole], [], gives=gives)))
    with pytest.raises(ModelError, match="not float32"):
        session.run({"features": np.ones((2, 2), np.float32)}, 10)
