"""`responses-conformance` as it is typed: every command, its help, its mistakes, what it leaves behind."""

import json
import math
import re
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import __version__
from conformance.checks.survey import planned
from conformance.commands import COMMANDS
from conformance.commands.commandline import EXIT_CODES
from conformance.commands.list import WHAT
from conformance.commands.listing import LISTS, aligned
from conformance.contract.requirements import catalogue
from conformance.contract.sources import sources
from conformance.reference.server import KEY, serve
from conformance.run.options import OPTIONS
from conformance.verdicts.gate import CONFORMS, INTERRUPTED, NOTHING, UNJUDGED, USAGE
from tests.runs import ROOT, as_a_user_has_it

BIN = Path(sys.executable).parent
SCRIPT, PYTEST = str(BIN / "responses-conformance"), str(BIN / "pytest")
FEW = ("-k", "test_the_total_is_the_sum and tools", "-q")
HEAVY = {"pytest", "httpx", "jinja2", "jsonschema", "rich", "starlette", "uvicorn", "pytest_html"}

Done = subprocess.CompletedProcess[str]


def clean() -> dict[str, str]:
    """The environment of a user, and a terminal of a known width."""
    return {**as_a_user_has_it(), "COLUMNS": "100"}


def typed(folder: Path, *words: str, program: str = SCRIPT) -> Done:
    """What a program does with these words in that folder."""
    return subprocess.run(
        [program, *words], cwd=folder, env=clean(), capture_output=True, text=True, check=False, timeout=60
    )


def printed(folder: Path, *words: str) -> list[str]:
    """The lines of an answer that needs no run and leaves nothing behind."""
    done = typed(folder, *words)
    assert done.returncode == CONFORMS, done.stderr
    assert done.stderr == ""
    assert not list(folder.iterdir())
    return done.stdout.splitlines()


def refused(folder: Path, *words: str) -> str:
    """The one line that says why nothing was done."""
    done = typed(folder, *words)
    assert done.returncode == USAGE, done.stdout
    assert done.stdout == ""
    assert not list(folder.iterdir())
    (line,) = filter(None, done.stderr.splitlines())
    return line


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_the_help_is_the_suites_own(tmp_path: Path, word: str) -> None:
    lines = printed(tmp_path, word)
    text = "\n".join(lines)
    for name, meaning in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(meaning)}$", text, re.MULTILINE)
    for option in OPTIONS:
        assert re.search(rf"^  {option}\b", text, re.MULTILINE), option
    for code, meaning in EXIT_CODES.items():
        assert f"  {code}  {meaning}" in lines
    assert "responses-conformance run --pytest-help" in text
    assert "--maxfail" not in text
    assert len(lines) < 60


def test_the_exit_codes_are_those_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for code, meaning in EXIT_CODES.items():
        assert f"| {code} | {meaning} |" in readme


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_its_help(tmp_path: Path, command: str) -> None:
    lines = printed(tmp_path, command, "--help")
    assert lines[0].startswith(f"usage: responses-conformance {command}")
    assert "--maxfail" not in "\n".join(lines)
    assert lines == printed(tmp_path, command, "-h")


def test_the_help_of_a_run_has_its_options_and_needs_no_command(tmp_path: Path) -> None:
    lines = printed(tmp_path, "run", "--help")
    assert all(any(line.startswith(f"  {option}") for line in lines) for option in OPTIONS)
    assert lines == printed(tmp_path, "--provider=anyfast", "--help")


def test_pytests_own_options_are_a_word_away(tmp_path: Path) -> None:
    text = "\n".join(printed(tmp_path, "run", "--pytest-help"))
    assert "--maxfail" in text
    assert "--provider" in text


@pytest.mark.parametrize("words", [("--version",), ("-V",), ("run", "--version")])
def test_the_version_is_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert printed(tmp_path, *words) == [f"responses-conformance {__version__}"]


QUICK = [("--help",), ("--version",), *((command, "--help") for command in COMMANDS)]


@pytest.mark.parametrize("words", [*QUICK, ("rnu",), ("explain",)], ids=" ".join)
def test_help_and_version_load_nothing_heavy(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = typed(tmp_path, "-X", "importtime", SCRIPT, *words, program=sys.executable)
    loaded = set(re.findall(r"\| +(\w+)(?:\.\S+)?$", done.stderr, re.MULTILINE))
    assert "argparse" in loaded
    assert not loaded & HEAVY


def cpu_seconds(folder: Path, *words: str) -> float:
    """The least processor time of three runs, in seconds."""

    def spent() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    taken = []
    for _ in range(3):
        before = spent()
        typed(folder, *words[1:], program=words[0])
        taken.append(spent() - before)
    return min(taken)


@pytest.mark.slow
def test_help_and_version_start_as_fast_as_pytest(tmp_path: Path) -> None:
    allowed = 2 * cpu_seconds(tmp_path, PYTEST, "--version")
    for words in QUICK:
        assert cpu_seconds(tmp_path, SCRIPT, *words) <= allowed, words


@pytest.mark.slow
@pytest.mark.parametrize("command", [(), ("run",)])
def test_a_run_needs_no_command(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = typed(tmp_path, *command, *FEW)
    assert done.returncode == CONFORMS, done.stdout + done.stderr
    assert (tmp_path / "reports" / "reference" / "index.html").is_file()
    assert done.stdout.splitlines()[-1].startswith("1 passed, ")
    assert "warning" not in done.stdout


@pytest.mark.parametrize(
    ("words", "passed"),
    [
        (("conformance/checks/test_usage.py::test_the_total_is_the_sum[text]", "-v"), 1),
        (("-m", "smoke", "-k", "test_authorization or test_usage", "-x"), None),
        (("-p", "no:html", *FEW), 1),
        (("--maxfail=1", *FEW), 1),
    ],
)
def test_the_options_of_pytest_pass_through(
    tmp_path: Path, words: tuple[str, ...], passed: int | None
) -> None:
    done = typed(tmp_path, *words)
    assert done.returncode == CONFORMS, done.stdout + done.stderr
    assert re.search(r"\b[1-9]\d* passed" if passed is None else rf"\b{passed} passed", done.stdout)
    assert (tmp_path / "reports" / "reference" / "results.json").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("embedded", [True, False])
def test_a_recording_of_a_profile_of_ones_own_needs_that_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded: bool
) -> None:
    monkeypatch.setenv("OWN_KEY", KEY)
    with serve(key=KEY) as url:
        base_url = "embedded" if embedded else url
        profile = f'base_url = "{base_url}"\nkey_env = "OWN_KEY"\n'
        (tmp_path / "own.toml").write_text(profile, encoding="utf-8")
        assert typed(tmp_path, "--provider", "own.toml", *FEW).returncode == CONFORMS
    (tmp_path / "own.toml").unlink()
    done = typed(tmp_path, "replay", "reports/own", *FEW)
    assert done.returncode == CONFORMS, done.stdout + done.stderr
    assert [folder.name for folder in (tmp_path / "reports").iterdir()] == ["own"]
    results = json.loads((tmp_path / "reports" / "own" / "results.json").read_text(encoding="utf-8"))
    assert results["provider"] == "own"


@pytest.mark.slow
def test_a_recording_is_judged_again_by_its_own_command(tmp_path: Path) -> None:
    assert typed(tmp_path, *FEW).returncode == CONFORMS
    done = typed(tmp_path, "replay", "reports/reference", "--contract", "openai", *FEW)
    assert done.returncode == CONFORMS, done.stdout + done.stderr
    assert "under openai" in done.stdout
    assert "\n0 requests" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("over", ["results.json", "index.html", "junit.xml", "summary.html"])
def test_a_comparison_takes_no_place_of_a_run(tmp_path: Path, over: str) -> None:
    """`summary.html` would have the run's own summary.md for its twin."""
    assert typed(tmp_path, *FEW, "--provider=reference", "--report-dir=r").returncode == CONFORMS
    before = {file: file.read_bytes() for file in sorted((tmp_path / "r").glob("*.*"))}
    done = typed(tmp_path, "compare", "r/results.json", "-o", f"r/{over}")
    assert (done.returncode, done.stdout) == (USAGE, "")
    (line,) = done.stderr.splitlines()
    taken = "summary.md" if over == "summary.html" else over
    assert line.endswith(f"r/{taken} is a file of a run: name another with -o")
    assert {file: file.read_bytes() for file in sorted((tmp_path / "r").glob("*.*"))} == before


def test_runs_are_compared(tmp_path: Path) -> None:
    assert typed(tmp_path, *FEW).returncode == CONFORMS
    found = json.loads((tmp_path / "reports" / "reference" / "results.json").read_text(encoding="utf-8"))
    assert found["speed"]["whole_answer"]["answers"] > 0
    done = typed(tmp_path, "compare", "reports/reference/results.json", "-o", "all.html", "--fail-on-red")
    assert (done.returncode, done.stdout.splitlines()) == (CONFORMS, ["all.html", "all.md"])
    assert "median" in (tmp_path / "all.html").read_text(encoding="utf-8")
    assert "(partial)" in (tmp_path / "all.md").read_text(encoding="utf-8")
    assert typed(tmp_path, "compare", "nosuch.json").returncode == USAGE


def test_a_run_does_not_heed_the_project_around_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = "--nosuch"\n')
    (tmp_path / "conftest.py").write_text("raise RuntimeError('somebody else')\n")
    done = typed(tmp_path, *FEW)
    assert done.returncode == CONFORMS, done.stdout + done.stderr


def test_the_script_works_in_a_checkout_too(tmp_path: Path) -> None:
    done = typed(ROOT, *FEW, f"--report-dir={tmp_path}", "-p", "no:cacheprovider")
    assert done.returncode == CONFORMS, done.stdout + done.stderr


@pytest.mark.parametrize("words", [("list",), ("list", "requirements")])
def test_requirements_are_listed_with_their_levels(tmp_path: Path, words: tuple[str, ...]) -> None:
    lines = printed(tmp_path, *words)
    assert [line.split()[0] for line in lines] == list(catalogue())
    assert "\x1b" not in "".join(lines)
    starts = {re.search("openresponses [A-Z]", line).start() for line in lines}  # type: ignore[union-attr]
    assert len(starts) == 1, "the columns are aligned"
    details = next(line for line in lines if line.startswith("usage.details-there "))
    area_and_levels = r"\S+ +response_fields +anyfast INFO +openai MUST +openresponses MUST +usage tells"
    assert re.match(area_and_levels, details)


def test_a_prefix_narrows_a_list(tmp_path: Path) -> None:
    lines = printed(tmp_path, "list", "requirements", "usage.")
    assert lines
    assert all(line.startswith("usage.") for line in lines)
    assert len(lines) < len(catalogue())


def test_scenarios_profiles_and_contracts_are_listed(tmp_path: Path) -> None:
    assert [line.split("  ")[0] for line in printed(tmp_path, "list", "scenarios")] == list(planned())
    profiles = printed(tmp_path, "list", "profiles")
    assert {line.split()[0] for line in profiles} >= {"anyfast", "openai", "reference"}
    anyfast = r"^anyfast +https://www\.anyfast\.ai/v1 +gpt-5\.2 +anyfast +\$ANYFAST_API_KEY$"
    assert any(re.search(anyfast, line) for line in profiles)
    (contract,) = printed(tmp_path, "list", "contracts", "openai")
    counts = map(int, re.findall(r"\d+", contract))
    assert sum(counts) == len(catalogue())


def test_what_can_be_listed_is_told_in_the_help() -> None:
    assert tuple(LISTS) == WHAT


def test_lines_are_cut_to_the_terminal_and_whole_elsewhere() -> None:
    lines = [("a", "a long sentence"), ("bcd", "x")]
    assert list(aligned(lines)) == ["a    a long sentence", "bcd  x"]
    assert list(aligned(lines, 10)) == ["a    a lo…", "bcd  x"]


def test_who_reads_no_further_ends_a_list_quietly(tmp_path: Path) -> None:
    reference = f"{sys.executable} -m conformance.reference --list"
    command = (
        f"set -o pipefail; {SCRIPT} list scenarios | head -1; {reference} | true; exec {SCRIPT} list | true"
    )
    done = typed(tmp_path, "-c", command, program=shutil.which("bash") or "bash")
    assert done.stderr == ""
    assert done.returncode == CONFORMS


@pytest.mark.slow
def test_a_requirement_is_explained_with_what_runs_its_checks(tmp_path: Path) -> None:
    lines = printed(tmp_path, "explain", "request.temperature.refused")
    assert lines[0] == "request.temperature.refused"
    assert "  source: S: number, default 1, 0 <= x <= 2; OA: or null" in lines
    looked_up = [line.strip() for line in lines if re.match(r"    \S+: .* \(.*\), https://\S+$", line)]
    assert [line.partition(": ")[0] for line in looked_up] == ["S", "OA"]
    assert looked_up[0].endswith(f"(as read in November 2026), {sources()['S'].url}")
    too_hot = "conformance/checks/test_request_fields.py::test_value_is_refused[temperature=2.01-rejected]"
    assert f"    '{too_hot}'" in lines
    mutants = lines[lines.index("  mutants:") :]
    assert any(line.startswith("    temperature-above-maximum-accepted: ") for line in mutants)
    assert lines == printed(tmp_path, "--explain", "request.temperature.refused")
    done = typed(tmp_path, "-c", f"{SCRIPT} '{too_hot}'", program=shutil.which("bash") or "bash")
    assert "1 passed" in done.stdout


@pytest.mark.parametrize("prefix", ["usage", "usage.", "request.temperature"])
def test_a_prefix_lists_the_requirements_below_it(tmp_path: Path, prefix: str) -> None:
    lines = printed(tmp_path, "explain", prefix)
    assert [line.split()[0] for line in lines] == [name for name in catalogue() if name.startswith(prefix)]
    assert all(
        re.match(r"\S+ +\w+ +anyfast [A-Z]+ +openai [A-Z]+ +openresponses [A-Z]+ +\S", x) for x in lines
    )
    assert lines == printed(tmp_path, "list", "requirements", prefix)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rnu",), "there is no command rnu: did you mean run?"),
        (("comapre", "x.json"), "there is no command comapre: did you mean compare?"),
        (
            ("qqqq",),
            "there is no command qqqq: the commands are run, replay, serve, clients, compare, list, explain",
        ),
        (("replay",), "name the folder of a recording first: responses-conformance replay DIR [options]"),
        (("replay", "--contract=openai"), "name the folder of a recording first"),
        (("replay", "nosuch"), "nosuch: it is no folder"),
        (("compare",), "the following arguments are required: results.json"),
        (("compare", "--fial-on-red", "x"), "there is no option --fial-on-red: did you mean --fail-on-red?"),
        (("list", "reqirements"), "there is no list of reqirements: did you mean requirements?"),
        (("list", "qqqq"), "there are requirements, scenarios, profiles, contracts"),
        (("list", "usage"), "did you mean `list requirements usage`?"),
        (("list", "requirements", "usgae"), "no requirements that begin with usgae: did you mean usage?"),
        (
            ("list", "requirements", "response.model-echo"),
            "is called request.model.echo today: `responses-conformance list requirements request.model",
        ),
        (("list", "profiles", "anyfats"), "no profiles that begin with anyfats: did you mean anyfast?"),
        (("list", "contracts", "zz"), "`responses-conformance list contracts` shows all"),
        (("list", "a", "b", "c"), "what is c?"),
        (("explain",), "the following arguments are required: ID"),
        (("explain", "usage.totl"), "did you mean usage.total or"),
        (("explain", "usgae"), "did you mean usage? `responses-conformance list` shows all"),
        (("--explain", "usgae"), "did you mean usage? `responses-conformance list` shows all"),
        (("explain", "qqqq"), "no requirement qqqq: `responses-conformance list` shows all"),
        (("--explain",), "argument --explain: expected one argument"),
        (("--concurrency=0",), "argument --concurrency: must be a whole number, 1 or more, not '0'"),
        (("--repeat", "x"), "argument --repeat: must be a whole number, 1 or more, not 'x'"),
        (("--deadline=1h",), "argument --deadline: must be a number of seconds, more than 0, not '1h'"),
        (("run", "--maxfail=x"), "argument --maxfail: invalid int value: 'x'"),
        (("--provider=nosuch",), "there is no profile 'nosuch': there are anyfast,"),
        (("--provider=opnai",), "did you mean 'openai'? A file of your own is named by its path."),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    assert said in refused(tmp_path, *words)


MISTYPED = {
    ("--provder", "x"): "there is no option --provder: did you mean --provider?",
    ("--contarct=openai",): "there is no option --contarct: did you mean --contract?",
    ("--maxfial=1",): "there is no option --maxfial: did you mean --maxfail?",
    ("--max-req", "3"): "there is no option --max-req: did you mean --max-requests?",
    ("--base", "https://h/v1"): "there is no option --base: did you mean --base-url?",
    ("--bogus",): "there is no option --bogus: --help lists what there is",
    ("--qqqq",): "there is no option --qqqq: --help lists what there is",
    ("--tempreture=1",): "there is no option --tempreture: --help lists what there is",
    ("-Q",): "there is no option -Q: --help lists what there is",
    ("--provder=x", "--modle=m"): "--provder: did you mean --provider?; there is no option --modle: did you "
    "mean --model?",
}


def test_a_first_run_that_selects_nothing_leaves_no_cache_and_one_that_judges_does(tmp_path: Path) -> None:
    done = typed(tmp_path, "-k", "nothing_matches")
    assert (done.returncode, list(tmp_path.iterdir())) == (NOTHING, [])
    assert typed(tmp_path, "-k", "test_the_total_is_the_sum").returncode == CONFORMS
    assert {file.name for file in tmp_path.iterdir()} == {"reports", ".pytest_cache"}
    assert typed(tmp_path, "--cache-show").stdout.count("nodeids contains") == 1


@pytest.mark.slow
@pytest.mark.parametrize("after", ["conformance.commands", "conformance.plugin"])
def test_an_interrupt_before_the_run_is_one_line(tmp_path: Path, after: str) -> None:
    """While it still imports what it is made of."""
    told = subprocess.Popen(
        [sys.executable, "-X", "importtime", SCRIPT],
        cwd=tmp_path,
        env=clean(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert told.stderr is not None
    said = []
    for line in told.stderr:
        said.append(line)
        if line.split("|")[-1].strip() == after:
            told.send_signal(signal.SIGINT)
    assert (told.wait(timeout=60), told.stdout.read() if told.stdout else None) == (INTERRUPTED, "")
    assert [line for line in said if not line.startswith("import time:")] == ["interrupted\n"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", MISTYPED, ids=" ".join)
def test_a_mistyped_option_is_answered_with_the_nearest(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert refused(tmp_path, *words).endswith(MISTYPED[words])


@pytest.mark.slow
@pytest.mark.parametrize("words", MISTYPED, ids=" ".join)
def test_so_it_is_in_a_checkout(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = typed(ROOT, *words, "--report-dir", str(tmp_path / "r"), program=PYTEST)
    assert (done.returncode, done.stdout) == (USAGE, "")
    (line,) = filter(None, done.stderr.splitlines())
    assert line.endswith(MISTYPED[words])
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("words", [("--report-dri", "{}"), ("--explain",), ("--concurrency=0",)])
def test_an_argument_is_refused_in_one_line_in_a_checkout(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = typed(ROOT, *(word.format(tmp_path) for word in words), program=PYTEST)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert len(list(filter(None, done.stderr.splitlines()))) == 1, done.stderr
    assert not list(tmp_path.iterdir())


def test_what_is_no_path_is_pytests_own_message(tmp_path: Path) -> None:
    done = typed(tmp_path, "conformance/checks/test_usag.py")
    assert done.returncode == USAGE
    assert "file or directory not found" in done.stderr


def test_a_dry_run_ends_with_its_cost_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = typed(tmp_path, "--dry-run")
    assert done.returncode == CONFORMS, done.stderr
    assert not list(tmp_path.iterdir())
    *_, further, total, last = done.stdout.splitlines()
    assert further.startswith("further attempts, only where something is refused or does not show: at most ")
    assert re.fullmatch(r"all: \d+ requests, at most \d+ input and \d+ output tokens", total)
    assert last == "nothing was sent"
    assert 'POST / {"model"' not in done.stdout
    each = typed(tmp_path, "--dry-run", "-v").stdout
    assert 'text: POST / {"model"' in each
    assert each.endswith(f"{further}\n{total}\n{last}\n")


def test_a_dry_run_tells_the_price_where_the_profile_has_prices(tmp_path: Path) -> None:
    profile = tmp_path / "mine.toml"
    profile.write_text(
        'base_url = "https://api.example/v1"\n[prices]\ninput = 0\noutput = 1000\ncurrency = "EUR"\n'
        "[capabilities]\nstorage = false\n"
    )
    done = typed(tmp_path, "--dry-run", "--provider=./mine.toml")
    assert done.returncode == CONFORMS, done.stderr
    *_, total, price, last = done.stdout.splitlines()
    tokens = int(re.findall(r"\d+", total)[2])
    assert price.startswith(f"price: at most {math.ceil(tokens / 10) / 100:.2f} EUR, ")
    assert last == "nothing was sent"
    assert "not sent, for the profile does not claim what they need: " in done.stdout
    assert [file.name for file in tmp_path.iterdir()] == ["mine.toml"]


def test_a_dry_run_can_look_at_what_failed_last(tmp_path: Path) -> None:
    done = typed(tmp_path, "--dry-run", "--last-failed")
    assert done.returncode == CONFORMS, done.stderr
    assert not list(tmp_path.iterdir())


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A project that has nothing to do with the suite, in an environment in which it is installed."""
    (tmp_path / "test_own.py").write_text("def test_own():\n    assert True\n")
    return tmp_path


@pytest.mark.slow
def test_other_projects_do_not_notice_the_suite(elsewhere: Path) -> None:
    def told(*words: str) -> tuple[int, str, str]:
        """All but the seconds, and the lines in which pytest lists the plugins that are installed."""
        done = typed(elsewhere, *words, "-p", "no:cacheprovider", program=PYTEST)
        listed = r" in [\d.]+s|responses-conformance-[\w.+]+, |'responses-conformance': '[\w.+]+', "
        return done.returncode, re.sub(listed, "", done.stdout), done.stderr

    for words in [("-v",), ("--maxfial=1",), ("--maxfail=x",)]:
        assert told(*words) == told(*words, "-p", "no:conformance-rooting")
    code, _, err = told("--maxfial=1")
    assert code == USAGE
    assert "unrecognized arguments: --maxfial=1" in err


def test_other_projects_load_no_more_of_the_suite_than_one_small_module(elsewhere: Path) -> None:
    (elsewhere / "conftest.py").write_text(
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    print('loaded', *sorted(name for name in sys.modules if name.startswith('conformance')))\n"
    )
    done = typed(elsewhere, "-q", program=PYTEST)
    assert done.stdout.splitlines()[-1] == "loaded conformance conformance.rooting"


def test_an_endpoint_out_of_reach_keeps_its_exit_code(tmp_path: Path) -> None:
    done = typed(tmp_path, *FEW, "--base-url=http://127.0.0.1:9/v1", "--api-key-env=")
    assert done.returncode == UNJUDGED, done.stdout + done.stderr
