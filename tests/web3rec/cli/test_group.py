"""The group: exit codes, interrupts, pipes, tracebacks, and the commands others bring."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.web3rec.cli.calls import Place
from web3rec import __version__
from web3rec.cli import main
from web3rec.cli.session import default_directory

LISTENING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from web3rec.cli import main
main(prog_name="web3rec")
"""
"""The command as a terminal starts it: whoever runs the tests may have been told to ignore SIGINT,
and a process inherits that."""
METADATA = "Metadata-Version: 2.1\nName: other\nVersion: 1\n"


def brings(folder: Path, commands: str, code: str) -> None:
    """Another distribution, with entry points and one module."""
    info = folder / "other-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(METADATA)
    (info / "entry_points.txt").write_text(f"[web3rec.commands]\n{commands}\n")
    (folder / "web3rec_other_commands.py").write_text(code)


@pytest.fixture
def others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "web3rec_other_commands", raising=False)
    return folder


def test_the_version(nowhere: Place) -> None:
    assert nowhere.fine("--version").out == f"web3rec, version {__version__}\n"


def test_without_a_word_help_is_shown_and_that_is_wrong_usage() -> None:
    called = CliRunner().invoke(main, [])
    assert called.exit_code == 2
    assert "Commands:" in called.stderr


def test_without_a_command_is_one_line(nowhere: Place) -> None:
    assert "Missing command" in nowhere().complaint


@pytest.mark.slow
def test_debug_shows_the_traceback(nowhere: Place) -> None:
    said = nowhere.process("--debug", "recommend")
    assert said.code == 1
    assert "Traceback" in said.err
    assert "ReadOnly" in said.err


def test_the_directory_comes_from_flag_then_environment(home: Place, tmp_path: Path) -> None:
    elsewhere = {"WEB3REC_DIR": str(tmp_path / "elsewhere")}
    home.fine("share", env=elsewhere)


@pytest.mark.parametrize("data", ["/somewhere", "relative", ""])
def test_the_default_directory_is_where_the_platform_keeps_data(
    data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform in ("win32", "darwin"):
        pytest.skip("the XDG directories are those of other systems")
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.setenv("XDG_DATA_HOME", data)
    kept = "/somewhere" if data == "/somewhere" else "/home/ann/.local/share"
    assert default_directory() == Path(kept) / "web3rec"


@pytest.mark.slow
def test_an_interrupt_ends_with_130_and_one_line(home: Place, tmp_path: Path) -> None:
    """The import waits at a pipe; once we hold its other end, it is there."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    words = [sys.executable, "-c", LISTENING, "--dir", str(home.path), "import", str(pipe)]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            with pipe.open("wb"):
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (130, "", "web3rec: error: interrupted\n")
    assert home.acts() == []


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_is_no_error(home: Place) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "web3rec", "--dir", str(home.path), "doctor", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=60)
    assert err == b""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
def test_a_full_disk_under_the_output_is_one_line(home: Place) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "web3rec", "--dir", str(home.path), "doctor", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 1
    assert done.stderr == "web3rec: error: No space left on device\n"


def test_the_commands_of_p2p_are_listed(nowhere: Place) -> None:
    out = nowhere.fine("--help").out
    assert "Commands of extras:" in out
    assert "demo" in out
    assert "node" in out


def test_a_command_of_another_package_gets_the_session(home: Place, others: Path) -> None:
    brings(
        others,
        "greet = web3rec_other_commands:greet",
        "import click\n"
        "@click.command()\n"
        "@click.pass_obj\n"
        "def greet(session):\n"
        '    """Greet."""\n'
        "    click.echo(session.directory)\n",
    )
    assert "Greet." in home.fine("--help").out
    assert home.fine("greet").out == f"{home.path}\n"


def test_a_command_is_imported_only_when_it_is_wanted(home: Place, others: Path) -> None:
    brings(others, "greet = web3rec_other_commands:greet", "raise RuntimeError('imported')\n")
    home.fine("share")
    home.fine("recommend", "--help")
    assert "web3rec_other_commands" not in sys.modules
    with pytest.raises(RuntimeError, match="imported"):
        home("greet")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("raise ModuleNotFoundError('no', name='libp2p.host')", "pip install 'web3rec[p2p]'"),
        ("raise ModuleNotFoundError('no', name='kivy')", "pip install 'web3rec[app]'"),
        ("import no_such_module_at_all", "no_such_module_at_all"),
        ("greet = 1", "is no command"),
        ("pass", "no attribute 'greet'"),
    ],
)
def test_a_command_that_cannot_be_loaded_is_one_line_and_the_list_still_works(
    home: Place, others: Path, code: str, says: str
) -> None:
    brings(others, "greet = web3rec_other_commands:greet", code)
    said = home("greet")
    assert said.code == 1
    assert says in said.complaint
    listed = home.fine("--help").out
    assert "greet" in listed
    assert says.rsplit(maxsplit=1)[-1] in listed


@pytest.mark.slow
@pytest.mark.parametrize("module", ["trio", "libp2p"])
def test_a_node_without_its_extra_says_what_to_install(home: Place, module: str) -> None:
    """Not installed, as far as this process can tell."""
    code = (
        f"import sys; sys.modules['{module}'] = None\n"
        "from web3rec.cli import main; main(sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--dir", str(home.path), "node", "run"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert module in done.stderr
    assert "pip install 'web3rec[p2p]'" in done.stderr
    assert len([line for line in done.stderr.splitlines() if "error" in line]) == 1
