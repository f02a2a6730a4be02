"""Scenario files as pytest items: collection, selection and reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

if TYPE_CHECKING:
    from tests.plugin.conftest import Run, Write


def test_a_scenario_that_holds_passes(run: Run, write: Write) -> None:
    """A scenario file is a pytest item for the reference, and the summary shows its verdict."""
    write("scenarios/uv-1.toml", write.scenario_text())
    result = run("-v", "scenarios")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        [
            "*scenarios/uv-1.toml::reference*",
            "*= index caching =*",
            "scenario * reference (inprocess)",
            "scenarios/uv-1 * passed",
            "1 passed: * requests, 1 download, nominally *",
        ]
    )


def test_a_failure_shows_step_counts_exchanges_and_cause(run: Run, write: Write) -> None:
    """A failed item shows expected and observed values, exchanges, cause and output."""
    write("scenarios/uv-1.toml", write.scenario_text(headers="pytorch"))
    result = run("scenarios", "--indexcache-installer", "reference:obey-no-store")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "A wheel comes once",
            "played by reference:obey-no-store * (inprocess)",
            "step 3: sync does not behave as expected",
            "*expected*seen",
            "*downloads.torch * 0 * 1",
            "*torch-1.0-py3-none-any.whl was downloaded again: the response of step 1*",
            "*said no-store, so it must not be stored (cache-control:*",
            "requests that reached the indexes in step 3",
            "*GET*200*wheel*pypi*torch-1.0-py3-none-any.whl*",
            "*no-store*",
            "the installer said*",
            "scenarios/uv-1 * failed",
        ]
    )


def test_a_count_that_is_wrong_fails(run: Run, write: Write) -> None:
    """If a download is missing, the cause names the step that downloaded the file."""
    write("scenarios/uv-1.toml", write.scenario_text(again=1))
    result = run("scenarios")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*torch-1.0-py3-none-any.whl came in step 1 and was not asked*"])


def test_several_installers_play_every_file(run: Run, write: Write) -> None:
    """Each installer plays a file as a separate item."""
    write("scenarios/uv-1.toml", write.scenario_text())
    both = ("--indexcache-installer=reference", "--indexcache-installer=reference:obey-no-store")
    result = run("scenarios", "-v", *both)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines_random(["*::reference*", "*::reference:obey-no-store*"])


def test_both_transports_are_two_items(run: Run, write: Write) -> None:
    """The transport ``both`` creates an in-process item and a wire item for a file."""
    write("scenarios/uv-1.toml", write.scenario_text())
    result = run("scenarios", "-v", "--indexcache-transport=both")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines_random(["*::reference?inprocess?*", "*::reference?wire?*"])


def test_expressions_and_tags_choose(run: Run, write: Write) -> None:
    """``-k`` selects by filename, and ``-m`` by tag."""
    write("scenarios/uv-1.toml", write.scenario_text(tag="no-store"))
    write("scenarios/uv-2.toml", write.scenario_text(tag="offline"))
    run("scenarios", "-k", "uv-2").assert_outcomes(passed=1)
    run("scenarios", "-m", "no-store").assert_outcomes(passed=1)
    run("scenarios", "-m", "not no-store", "--strict-markers").assert_outcomes(passed=1)


@pytest.mark.parametrize("tag", ["skip", "xfail"])
def test_a_tag_is_no_order_to_pytest(pytester: pytest.Pytester, write: Write, tag: str) -> None:
    """A scenario with the tag ``skip`` or ``xfail`` is played as usual."""
    write("scenarios/uv-1.toml", write.scenario_text(tag=tag, again=1))
    pytester.runpytest("--indexcache-scenarios", "scenarios").assert_outcomes(failed=1)


def test_a_node_id_chooses_one_item(run: Run, write: Write) -> None:
    """A node id selects one scenario with one installer."""
    write("scenarios/uv-1.toml", write.scenario_text())
    write("scenarios/uv-2.toml", write.scenario_text())
    run("scenarios/uv-2.toml::reference").assert_outcomes(passed=1)


def test_a_file_that_is_wrong_is_an_error_and_the_others_play(run: Run, write: Write) -> None:
    """The error for an invalid file names key path and line, and other files are played."""
    write("scenarios/bad.toml", write.scenario_text().replace("downloads", "downlods"))
    write("scenarios/empty.toml", "")
    write("scenarios/good.toml", write.scenario_text())
    result = run("scenarios")
    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines_random(
        ["*bad.toml:*: steps[[]1].expect.downlods:*did you mean*downloads*", "*empty.toml*"]
    )


def test_files_of_other_tools_are_passed_over(run: Run, write: Write) -> None:
    """TOML files of other tools in a folder are ignored, unless the command line names them."""
    write("scenarios/good.toml", write.scenario_text())
    write("scenarios/pyproject.toml", "[project]\nname = 'x'\n")
    write("scenarios/other.toml", "[tool.x]\na = 1\n")
    run("scenarios").assert_outcomes(passed=1)
    run("scenarios/other.toml").assert_outcomes(errors=1)


def test_a_known_bug_is_reproduced_and_one_that_is_gone_is_fixed(run: Run, write: Write) -> None:
    """With ``[affected]``, a failure is an xfail, and a pass fails the run."""
    affected = '[affected]\nreference = ">= 0"\n'
    write("scenarios/known.toml", write.scenario_text(again=1, extra=affected))
    write("scenarios/gone.toml", write.scenario_text(extra=affected))
    result = run("scenarios", "-rx")
    result.assert_outcomes(xfailed=1, failed=1)
    result.stdout.fnmatch_lines_random(
        ["*known.toml*reproduced at step 3*", "fixed: every expectation holds*"]
    )


def test_what_an_installer_lacks_is_skipped_with_the_reason(run: Run, write: Write) -> None:
    """If the installer cannot play a step, the scenario is skipped with the reason."""
    text = write.scenario_text().replace(
        'do = "remove-venv"', 'command = { uv = "uv cache clean" }'
    )
    write("scenarios/verbatim.toml", text)
    result = run("scenarios", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*step 2 is a command line only for uv"])


def test_a_host_outside_the_scenario_is_an_error(run: Run, write: Write) -> None:
    """A request to a host outside the scenario is an error, not a failure."""
    text = write.scenario_text().replace("https://pypi.org/simple", "https://a.example/simple")
    source = '[sources]\ntorch = { index = "pypi", explicit = true }\n'
    text = text.replace("[project]", source + "[project]").replace('["torch"]', '["torch", "rich"]')
    write("scenarios/stranger.toml", text)
    result = run("scenarios")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*which no index of the scenario serves*"])


def test_last_failed_plays_what_failed(run: Run, write: Write) -> None:
    """``--lf`` plays only the scenario that failed."""
    write("scenarios/uv-1.toml", write.scenario_text())
    write("scenarios/uv-2.toml", write.scenario_text(again=1))
    run("scenarios", "--keep-cache").assert_outcomes(passed=1, failed=1)
    run("scenarios", "--lf").assert_outcomes(failed=1)


def test_exitfirst_stops(pytester: pytest.Pytester, write: Write) -> None:
    """``-x`` stops after the first failure."""
    write("scenarios/uv-1.toml", write.scenario_text(again=1))
    write("scenarios/uv-2.toml", write.scenario_text(again=1))
    result = pytester.runpytest("--indexcache-scenarios", "-x", "scenarios")
    result.assert_outcomes(failed=1)


def test_junit_names_the_verdict(run: Run, write: Write, tmp_path: Path) -> None:
    """The JUnit XML contains verdict and transport as properties."""
    write("scenarios/uv-1.toml", write.scenario_text())
    report = tmp_path / "report.xml"
    run("scenarios", f"--junitxml={report}").assert_outcomes(passed=1)
    case = ElementTree.parse(report).getroot().find(".//testcase")
    assert case is not None
    assert case.get("name") == "reference"
    properties = {one.get("name"): one.get("value") for one in case.iter("property")}
    assert properties["verdict"] == "passed"
    assert properties["transport"] == "inprocess"


def test_collect_only_plays_nothing(run: Run, write: Write) -> None:
    """``--collect-only`` lists node ids and plays nothing."""
    write("scenarios/uv-1.toml", write.scenario_text())
    result = run("scenarios", "--collect-only", "-q")
    result.stdout.fnmatch_lines(["scenarios/uv-1.toml::reference"])
    assert "index caching" not in result.stdout.str()


def test_without_the_flag_nothing_is_collected(pytester: pytest.Pytester, write: Write) -> None:
    """Scenario files are collected only with the option ``--indexcache-scenarios``."""
    write("scenarios/uv-1.toml", write.scenario_text())
    write("test_a.py", "def test_a():\n    pass\n")
    pytester.runpytest().assert_outcomes(passed=1)


def test_where_nothing_is_named_the_catalogue_plays_alone(
    run: Run, pytester: pytest.Pytester, write: Write
) -> None:
    """Without a path, only the catalogue is played, not the current folder or ``testpaths``."""
    pytester.makeini("[pytest]\ntestpaths = tests\n")
    write("tests/uv-15303-mine.toml", write.scenario_text())
    write("tests/test_15303.py", "def test_15303():\n    pass\n")
    result = run("-k", "15303-cpu or 15303_mine or test_15303", "-v")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*scenarios/pytorch/uv-15303-cpu-wheel-not-cached.toml::refer*"])


def test_tests_in_python_play_beside_scenarios(run: Run, write: Write) -> None:
    """Tests and scenarios in one folder are both collected."""
    write("tests/uv-1.toml", write.scenario_text())
    write("tests/test_a.py", "def test_a():\n    pass\n")
    run("tests").assert_outcomes(passed=2)


@pytest.mark.parametrize("spec", ["uvv", "reference:nothing", "uv==x", "="])
def test_an_unknown_installer_is_a_usage_error(pytester: pytest.Pytester, spec: str) -> None:
    """An invalid installer spec is a usage error without a traceback."""
    result = pytester.runpytest("--indexcache-scenarios", f"--indexcache-installer={spec}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --indexcache-installer: {spec}*"])
    assert "Traceback" not in result.stderr.str()


def test_workspaces_of_passed_plays_are_removed(
    pytester: pytest.Pytester, write: Write, tmp_path: Path
) -> None:
    """Only a failed play keeps its workspace, and the path of the workspace is printed."""
    write("scenarios/uv-1.toml", write.scenario_text())
    write("scenarios/uv-2.toml", write.scenario_text(again=1))
    base = tmp_path / "base"
    result = pytester.runpytest("--indexcache-scenarios", "scenarios", f"--basetemp={base}")
    [kept] = [path for path in base.glob("play*") if not path.is_symlink()]
    result.stdout.fnmatch_lines([f"kept in {kept}"])
    assert (kept / "project" / "pyproject.toml").exists()


def test_text_of_strangers_does_not_reach_the_terminal(run: Run, write: Write) -> None:
    """Escape sequences in a title are escaped in the output."""
    title = json.dumps("bad \x1b[31mred\x1b[0m")
    text = write.scenario_text(again=1).replace('"A wheel comes once"', title)
    write("scenarios/uv-1.toml", text)
    result = run("scenarios", "--color=no")
    result.assert_outcomes(failed=1)
    assert "\x1b" not in result.stdout.str()
    result.stdout.fnmatch_lines(["bad \\x1b[[]31mred\\x1b[[]0m"])
