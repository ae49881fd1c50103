"""`lrdsl diff`: what it says of two schedules."""

from __future__ import annotations

import pytest

from tests.cli.conftest import OLD, Endpoints, Run, Write


def test_the_same_curve_spelled_in_another_way(words: Endpoints) -> None:
    new = "let peak = 0.3\n# a comment\nwarmup(5, 0, peak) >> (cosine(20, peak, 0.01)) >> const"
    assert words(OLD, new) == (["lr: the same at every step"], 0)


def test_the_first_step_that_differs(words: Endpoints) -> None:
    assert words(OLD, "warmup(5) >> cosine(20, 0.3, 0.02) >> const") == (
        ["lr: the same before step 6, where 0.298215 becomes 0.298276"],
        1,
    )
    assert words(OLD, "warmup(5, 0.1) >> cosine(20, 0.3, 0.01) >> const") == (
        ["lr: not the same from the first update on, where 0 becomes 0.1"],
        1,
    )


def test_a_past_that_is_unchanged_and_the_jump(words: Endpoints) -> None:
    new = "warmup(5) >> cosine(20, 0.3, 0.01) >> const(5) >> const(value = 0.005)"
    assert words(OLD, new, "--at", "30") == (
        [
            "lr: the same before step 30, where 0.01 becomes 0.005",
            "  the past is unchanged: every update before step 30 used the same value",
            "  at step 30 it jumps from 0.01 to 0.005, by a factor of 0.5",
        ],
        0,
    )


def test_a_past_that_has_changed(words: Endpoints) -> None:
    lines, code = words(OLD, "warmup(4) >> cosine(20, 0.3, 0.01) >> const", "--at", "100")
    assert lines[1:] == [
        "  the past has changed: updates from step 1 on used other values",
        "  at step 100 nothing jumps: it is 0.01 in both",
    ]
    assert code == 1


def test_the_step_of_the_change_is_no_past(words: Endpoints) -> None:
    new = "warmup(5) >> cosine(20, 0.3, 0.01) >> const(5) >> const(value = 0.005)"
    for at, unchanged in ((0, True), (30, True), (31, False)):
        lines, _ = words(OLD, new, "--at", str(at))
        assert ("unchanged" in lines[1]) == unchanged


def test_a_past_is_proved_on_parts_and_not_sampled(words: Endpoints) -> None:
    old = "cosine(1000B, 0.1) >> const"
    new = "cosine(1000B, 0.1) >> const(1) >> linear(9, 0.1) >> const"
    assert words(old, new, "--at", "1000000000000")[0] == [
        "lr: the same before step 1,000,000,000,001, where 0 becomes 0.1",
        "  the past is unchanged: every update before step 1,000,000,000,000 used the same value",
        "  at step 1,000,000,000,000 nothing jumps: it is 0 in both",
    ]


def test_what_was_compared_in_places_only_is_said_to_be(words: Endpoints) -> None:
    lines, code = words("linear(11M, 0.2)", "0.2 * poly(11M, 1)")
    assert (lines[0], code) == ("lr: the same at every step", 0)
    assert lines[1].endswith("longer than 1,000,000 steps were compared in some places only")


def test_lengths_that_differ(words: Endpoints) -> None:
    lines, _ = words("linear(9, 0.2)", "linear(9, 0.2) >> const")
    assert lines == ["lr: the same at every step", "  it lasted 9 steps, and lasts forever now"]


def test_every_target_is_compared(words: Endpoints) -> None:
    old = f"lr: {OLD}momentum: linear(9, 0.9, 0.8)\nweight_decay: linear(9, 0.1)"
    lines, code = words(old, old.replace("0.8", "0.7"))
    assert lines == [
        "lr: the same at every step",
        "momentum: the same before step 1, where 0.888889 becomes 0.877778",
        "weight_decay: the same at every step",
    ]
    assert code == 1


def test_what_is_the_same_for_one_base_by_chance_is_not_the_same(words: Endpoints) -> None:
    assert words("linear(9)", "linear(9, 1)") == (
        ["lr: not the same from the first update on, where 0.37 becomes 1, for a base of 0.37"],
        1,
    )
    assert words("linear(9)", "linear(9, 1)", "--base", "1") == (
        ["lr: the same at every step, for a base of 1"],
        0,
    )
    assert words("linear(9)", "linear(9, base, 0)")[1] == 0


def test_a_past_that_is_the_same_for_one_base_by_chance_has_changed(words: Endpoints) -> None:
    new = "linear(9, 1) >> const(value = 0.5)"
    lines, _ = words("linear(9)", new, "--at", "9")
    assert lines[0] == "lr: the same before step 9, where 0 becomes 0.5, for a base of 1"
    assert "  the past has changed: updates from step 0 on used other values" in lines
    lines, _ = words("linear(9)", new, "--at", "9", "--base", "1")
    assert "  the past is unchanged: every update before step 9 used the same value" in lines


def test_a_target_that_was_left_alone(words: Endpoints) -> None:
    lines, code = words("lr: const", "lr: const  momentum: const(value = 0.9)")
    assert lines[1:] == [
        "momentum: not the same from the first update on, where 0.333 becomes 0.9, for a base of"
        " 0.333",
        "  it was left alone before",
    ]
    assert code == 1
    assert words("lr: const", "lr: const  momentum: const")[1] == 0


def test_other_rules_of_a_metric_are_a_difference(words: Endpoints) -> None:
    old, new = (f"const * plateau(patience = {n})" for n in (5, 6))
    lines, code = words(old, new)
    assert lines[:2] == [
        "lr: the same at every step, for a base of 1",
        "  a metric changes it by other rules: a `plateau` is not the same in both",
    ]
    assert code == 1
    assert words(old, old)[1] == 0


EVENT = 'until(signal("cooldown"), const) >> linear({n})'


def test_programs_that_differ_only_after_an_event(words: Endpoints) -> None:
    """A line of 20 steps is at 0.95 after one step, and one of 40 at 0.975."""
    assert words(EVENT.format(n=20), EVENT.format(n=40)) == (
        [
            "lr: the same until something happens, for a base of 1",
            "  they differ after `cooldown` at step 0: from step 1 on, where 0.95 becomes 0.975",
        ],
        1,
    )


def test_an_event_of_another_name_is_another_program(words: Endpoints) -> None:
    old = EVENT.format(n=20)
    for new in (old.replace("cooldown", "stop"), "const"):
        lines, code = words(old, new)
        assert lines == [
            "lr: the same until something happens, for a base of 1",
            "  they differ after `cooldown` at step 0: from step 1 on, where 0.95 becomes 1",
        ]
        assert code == 1


def test_what_differs_after_a_second_event(words: Endpoints) -> None:
    text = "until(stalled(5), const) >> linear(20, 1, 0.5) >> "
    text += 'until(signal("x"), const) >> linear({n})'
    lines, code = words(*(text.replace("{n}", n) for n in ("5", "10")))
    # From step 20 on, where both begin at 0.5: 0.4 and 0.45 are one step later.
    assert lines == [
        "lr: the same until something happens, for a base of 1",
        "  they differ after `stalled@1` and `x` at step 0: from step 21 on, where 0.4 becomes"
        " 0.45",
    ]
    assert code == 1


def test_a_past_in_which_the_event_may_have_been_may_have_changed(words: Endpoints) -> None:
    lines, code = words(EVENT.format(n=20), EVENT.format(n=40), "--at", "50", "--total", "100")
    assert lines[2:] == [
        "  the past may have changed: updates from step 1 on used other values after `cooldown`"
        " at step 0",
        "  at step 50 nothing jumps: it is 1 in both",
    ]
    assert code == 1


def test_each_target_says_after_which_event_it_differs(words: Endpoints) -> None:
    text = "lr: const(value = 0.1)  momentum: "
    text += 'until(signal("c"), const(value = 0.9)) >> const(value = {n})'
    lines, _ = words(text.replace("{n}", "0.5"), text.replace("{n}", "0.4"))
    assert lines == [
        "lr: the same at every step",
        "momentum: the same until something happens",
        "  they differ after `c` at step 0: from step 0 on, where 0.5 becomes 0.4",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [("stalled(5)", "stalled(7)"), ("below(0.3)", "below(0.2)"), ("below(0.3)", "above(0.3)"),
     ("stalled(5)", 'stalled(5, mode = max)')],
)  # fmt: skip
def test_events_by_other_rules_are_another_program(words: Endpoints, old: str, new: str) -> None:
    text = "until({event}, const) >> linear(20)"
    lines, code = words(text.replace("{event}", old), text.replace("{event}", new))
    assert "  a metric ends its parts by other rules: an event is not the same in both" in lines
    assert code == 1
    assert words(text.replace("{event}", old), text.replace("{event}", f"({old})"))[1] == 0


def test_the_same_events_are_the_same_program(words: Endpoints) -> None:
    spelled = "let hold = const\n" + 'until(signal("cooldown"), hold) >> (linear(20))'
    lines = ["lr: the same at every step, for a base of 1"]
    assert words(EVENT.format(n=20), spelled) == (lines, 0)


def test_the_run_is_described(words: Endpoints) -> None:
    old, new = "warmup(5ep) >> cosine", "warmup(5ep) >> cosine(85ep)"
    options = ["--total", "90ep", "--steps-per-epoch", "10"]
    assert words(old, new, *options)[1] == 0


def test_both_are_drawn_where_they_differ(run: Run, write: Write) -> None:
    old, new = write("old.lrs", OLD), write("new.lrs", "linear(25, 0.3)")
    done = run("diff", old, new)
    legend, *chart = done.stdout.partition("\n\n")[2].splitlines()
    assert ("old.lrs" in legend, "new.lrs" in legend) == (True, True)
    assert len(chart) > 10
    assert "\n\n" not in run("diff", old, old).stdout


@pytest.mark.parametrize("text", ["cosin(5)", "linear(5, 1, -1)", "warmup(5ep) >> const"])
def test_a_file_with_errors_cannot_be_compared(run: Run, write: Write, text: str) -> None:
    done = run("diff", write("old.lrs", OLD), write("new.lrs", text))
    assert done.exit_code == 2
    assert done.stdout.startswith("error[LRS")
    assert "--> new.lrs:1:" in done.stdout


def test_misuse(run: Run, write: Write) -> None:
    name = write("old.lrs", OLD)
    assert run("diff", name, "none.lrs").exit_code == 2
    assert run("diff", name, name, name).exit_code == 2
    assert run("diff").exit_code == 2
    assert run("diff", name, name, "--at", "-1").exit_code == 2
