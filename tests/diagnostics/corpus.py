"""Every text in the tests that something is wrong with, and the run it is checked for."""

from __future__ import annotations

from lrdsl.resolve.run_arguments import RunArguments
from tests.diagnostics.examples import HERE, read_run
from tests.diagnostics.newcomers import ADVICE, SEVERAL, SLIPS
from tests.diagnostics.switchers import ADVISED, SWITCHES
from tests.diagnostics.test_catalogue import GENERATED, IN_CONFIGS, PAGES_WITHOUT_TORCH

# What people type and paste, with what each of them is to be.
PASTED: list[tuple[str, str]] = [
    ("multistep((30,60,90))", "multistep([30, 60, 90])"),
    ("multistep(30, 60, 90)", "multistep([30, 60, 90])"),
    ("multistep(30,60,90)", "multistep([30, 60, 90])"),
    ("stairs((30, 60), (0.1, 0.01, 0.001))", "stairs([30, 60], [0.1, 0.01, 0.001])"),
    ("const(value = (0,3))", "const(value = (0.3))"),
    ("cosine(0.3, 20)", "cosine(20, 0.3)"),
    ("cosine(0.3, 5ep)", "cosine(5ep, 0.3)"),
    ("linear(0.3, 0.01, 20)", "linear(20, 0.3, 0.01)"),
    ("step(0.1, 30)", "step(30, 0.1)"),
    ("multistep(0.1, [30, 60])", "multistep([30, 60], 0.1)"),
    ("warmup(0.3, 5) >> const", "warmup(5, end = 0.3) >> const"),
    ("over(cosine, 20)", "over(20, cosine)"),
    ("warmup(5, half_cosine) >> const", "warmup(5, ease = half_cosine) >> const"),
    ("warmup(5, ease = cosine) >> const", "warmup(5, ease = half_cosine) >> const"),
    ("const(0.1)", "const(value = 0.1)"),
    ("warmup(5) >> const(0.1)", "warmup(5) >> const(value = 0.1)"),
    ("repeat(3, cosine(10))", "repeat(cosine(10), 3)"),
    ("exp(0.95)", "exponential(0.95)"),
    ("exp(-0.05)", "natural_exponential(0.05)"),
    ("warmup(5) >> cos(20)", "warmup(5) >> cosine(20)"),
    ("step_decay(30, 0.1)", "step(30, 0.1)"),
    ("StepLR(step_size=30, gamma=0.1)", "step(every=30, gamma=0.1)"),
    ("exponential_decay(0.95)", "exponential(0.95)"),
    ("polynomial_decay(20)", "poly(20)"),
    ("linear_decay(20)", "linear(20)"),
    ("cosine_annealing(20)", "cosine(20)"),
    ("CosineAnnealingLR(T_max=20, eta_min=0.01)", "cosine(length=20, end=0.01)"),
    ("CosineLRScheduler(20)", "cosine(20)"),
    ("cosine_annealing_warm_restarts(10)", "restarts(10)"),
    ("get_constant_schedule()", "const()"),
    ("reduce_lr_on_plateau(0.5)", "reduce_on_plateau(0.5)"),
    ("one_cycle(100)", "onecycle(100)"),
    ("constant_with_warmup(5)", "warmup(5) >> const"),
    ("constant_with_warmup(num_warmup_steps = 5)", "warmup(5) >> const"),
    ("0.5 * constant_with_warmup(5)", "0.5 * (warmup(5) >> const)"),
    ("cosine_with_warmup(5)", "warmup(5) >> cosine"),
    ("warmup_cosine(5)", "warmup(5) >> cosine"),
    ("warmup(5) >> constant", "warmup(5) >> const"),
    ("cosine(20, end = 0.1*start)", "cosine(20, end = 0.1*prev)"),
    ("cosine(20, 0.3, end = 0.1*start)", "cosine(20, 0.3, end = 0.1*0.3)"),
    ("cosine(20, learning_rate, 0)", "cosine(20, base, 0)"),
    ("warmup(10K)", "warmup(10k)"),
    ("warmup(5EP)", "warmup(5ep)"),
    ("warmup(10Ksteps)", "warmup(10kst)"),
    ("warmup(1,000)", "warmup(1000)"),
    ("let total = 1,000 cosine(total)", "let total = 1000 cosine(total)"),
    ("let n = 1,000,000\ncosine(n)", "let n = 1000000\ncosine(n)"),
    ("multistep([1,000, 2,000])", "multistep([1000, 2000])"),
    ("let peak: 0.3\ncosine(20, peak)", "let peak = 0.3\ncosine(20, peak)"),
    ("let peak := 0.3\ncosine(20, peak)", "let peak = 0.3\ncosine(20, peak)"),
    ("let peak == 0.3\ncosine(20, peak)", "let peak = 0.3\ncosine(20, peak)"),
    ("let peak 0.3\ncosine(20, peak)", "let peak = 0.3\ncosine(20, peak)"),
    ("param peak: 0.3\ncosine(20, peak)", "param peak = 0.3\ncosine(20, peak)"),
    ("peak = 0.3\ncosine(20, peak)", "let peak = 0.3\ncosine(20, peak)"),
    ("lr = cosine(20)", "lr: cosine(20)"),
    ('reduce_on_plateau(mode="max")', "reduce_on_plateau(mode=max)"),
    ("reduce_on_plateau(mode='max')", "reduce_on_plateau(mode=max)"),
    ("reduce_on_plateau(mode=\u201cmax\u201d)", "reduce_on_plateau(mode=max)"),
    ('warmup(5, ease="half_cosine")', "warmup(5, ease=half_cosine)"),
    ('"cosine(20)"', "cosine(20)"),
    ("lr['head']: cosine(20)", 'lr["head"]: cosine(20)'),
    ("lr[head]: cosine(20)", 'lr["head"]: cosine(20)'),
    ("5 ep", "const(5ep)"),
    ("let n = 5 ep\ncosine(n)", "let n = 5ep\ncosine(n)"),
    ("warmup(5 ep) >> cosine(20 ep)", "warmup(5ep) >> cosine(20ep)"),
    ("warmup(10 %)", "warmup(10%)"),
    ("0.1 for 20 steps", "const(20, 0.1)"),
    ("0.1 for 5 epochs", "const(5ep, 0.1)"),
    ("0.1 for 5ep", "const(5ep, 0.1)"),
    ("cosine for 5 epochs", "cosine(5ep)"),
    ("warmup(5) then cosine(20)", "warmup(5) >> cosine(20)"),
    ("lr: warmup(5) then cosine(20) then const", "lr: warmup(5) >> cosine(20) >> const"),
    ("repeat(warmup(5) then cosine(20), 3)", "repeat(warmup(5) >> cosine(20), 3)"),
    ("warmup(5) cosine(20)", "warmup(5) >> cosine(20)"),
    ("warmup(5)\ncosine(20)", "warmup(5)\n>> cosine(20)"),
    ("warmup(5) -> cosine(20)", "warmup(5) >> cosine(20)"),
    ("warmup(5) => cosine(20)", "warmup(5) >> cosine(20)"),
    ("warmup(5) | cosine(20) | const", "warmup(5) >> cosine(20) >> const"),
    ("warmup(5) |> cosine(20)", "warmup(5) >> cosine(20)"),
    ("warmup(5) > cosine(20)", "warmup(5) >> cosine(20)"),
    ("warmup(5); cosine(20)", "warmup(5) >> cosine(20)"),
    ("let peak = 0.3; cosine(20, peak);", "let peak = 0.3 cosine(20, peak)"),
    ("cosine(length: 20, start: 0.3)", "cosine(length = 20, start = 0.3)"),
    ("max(cosine(20), 0.01", "max(cosine(20), 0.01)"),
    ("repeat(cosine(10, 0.3", "repeat(cosine(10, 0.3))"),
    ("cosine(20, end == 0.1)", "cosine(20, end = 0.1)"),
    ("cosine(\nlength: 20)", "cosine(\nlength = 20)"),
    ("half_cosine(20)", "cosine(20)"),
    ("warmup 5 >> cosine 20", "warmup(5) >> cosine(20)"),
    ("lr: cosine 20", "lr: cosine(20)"),
    ("step([30, 60], 0.1)", "multistep([30, 60], 0.1)"),
    ("let f(x) = cosine(x)\nf(5)", "def f(x) = cosine(x)\nf(5)"),
    ("f(x) = cosine(x)\nf(5)", "def f(x) = cosine(x)\nf(5)"),
    ("def f(x): cosine(x)\nf(5)", "def f(x) = cosine(x)\nf(5)"),
    ("cosine(5 * ep)", "cosine(5 * 1ep)"),
    ("cosine(20, min_lr = 0.1)", "cosine(20, end = 0.1)"),
    ("cosine(20, peak = 0.1)", "cosine(20, start = 0.1)"),
    ("cosine(20, floor = 0.1)", "cosine(20, end = 0.1)"),
    ("cosine(20, from = 0.1)", "cosine(20, start = 0.1)"),
    ("cosine(20, to = 0.1)", "cosine(20, end = 0.1)"),
    ("cosine(steps = 20)", "cosine(length = 20)"),
    ("cosine(epochs = 20)", "cosine(length = 20ep)"),
    ("warmup(5, peak = 0.1)", "warmup(5, end = 0.1)"),
    ("warmup(5, to = 0.1)", "warmup(5, end = 0.1)"),
    ("warmup(5, min_lr = 0)", "warmup(5, start = 0)"),
    ("warmup(steps = 5)", "warmup(length = 5)"),
    ("warmup(warmup_epochs = 5)", "warmup(length = 5ep)"),
    ("const(20, lr = 0.1)", "const(20, value = 0.1)"),
    ("step(steps = 30)", "step(every = 30)"),
    ("step(30, factor = 0.5)", "step(30, gamma = 0.5)"),
    ("multistep(steps = [30, 60])", "multistep(milestones = [30, 60])"),
    ("triangular(5, 0.1, max_lr = 1)", "triangular(5, 0.1, high = 1)"),
    ("onecycle(100, max_lr = 0.1)", "onecycle(100, peak = 0.1)"),
    ("repeat(cosine(10), n = 3)", "repeat(cosine(10), times = 3)"),
    ("poly(20, exponent = 2)", "poly(20, power = 2)"),
    *SLIPS,
    *SWITCHES,
]


TEXTS: list[str] = [
    *[text for text, _ in PASTED],
    *[several[0] for several in SEVERAL],
    *[text for text, _ in [*ADVICE, *ADVISED]],
]


def corpus() -> list[tuple[str, RunArguments]]:
    """All of them: the golden cases, the bad examples of the pages, and what people paste."""
    found: list[tuple[str, RunArguments]] = [(text, {}) for text in TEXTS]
    for page in PAGES_WITHOUT_TORCH:
        if not page.code.startswith(IN_CONFIGS) and page.slug not in GENERATED:
            found.append((page.bad.text, page.bad.run))
    for path in sorted((HERE / "cases").glob("*.txt")):
        for case in path.read_text(encoding="utf-8").split("====\n"):
            text, _, rest = ("\n" + case).partition("\n---")
            if path.name.endswith(".escaped.txt"):
                text = text.encode("latin-1", "backslashreplace").decode("unicode_escape")
            found.append((text[1:], read_run(rest.partition("\n")[0])))
    return found
