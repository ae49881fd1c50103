"""torch: the schedulers of ``torch.optim.lr_scheduler`` and ``SWALR``, in scripts and configs.

A scheduler of torch does not know how often it is stepped. A step of the text is a call of its
``step``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import TYPE_CHECKING

from lrdsl.importers.documents import Call
from lrdsl.importers.fields import Fields, Unknown
from lrdsl.importers.importer import EXACT, Column, Importer, Setting, Translation
from lrdsl.importers.pure_lambdas import pure_lambda
from lrdsl.importers.refusal import Refused
from lrdsl.importers.torch_made import Owner, rows
from lrdsl.importers.torch_nests import PARTS, driven, leaves, said
from lrdsl.importers.torch_place import Place
from lrdsl.importers.torch_texts import NESTS, PARAMETERS
from lrdsl.outside import is_number
from lrdsl.record import replace
from lrdsl.wording import listed

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate

OWNER = "optimizer"
_OPTIMIZERS = "torch.optim."
# Where they are, as scripts and configs say it; a script may have imported the class itself.
_ROOMS = (
    "", "lr_scheduler", "optim.lr_scheduler", "torch.optim.lr_scheduler", "swa_utils",
    "optim.swa_utils", "torch.optim.swa_utils",
)  # fmt: skip
# Its own class there, which adds the metric to the arguments of torch's.
_PLATEAU = "ReduceLROnPlateau"
_CLIS = ("lightning.pytorch.cli", "pytorch_lightning.cli")
_LIGHTNING, _HYDRA = "class_path", "_target_"
_PER_EPOCH = "the Lightning CLI calls the scheduler's `step` once per epoch: a step is an epoch"
# What each group may have of its own.
_FUNCTION = "lr_lambda"
_OF_GROUPS = (
    "max_lr", "base_lr", "swa_lr", "min_lr", "base_momentum", "max_momentum", _FUNCTION,
)  # fmt: skip
# The momentum is compared whatever the optimizer was built with.
_MOMENTUM = 0.9


def _find(document: Document) -> Iterator[Setting]:
    inner = {id(part) for call in document.calls for part in _listed(call)}
    outer = [call for call in document.calls if _is_scheduler(call.name) and id(call) not in inner]
    owners = [_bound(call).plain().get(OWNER) for call in outer]
    for call, owner in zip(outer, owners, strict=True):
        # The value of a name is one call, however often the name is used.
        beside = [
            one.line
            for one, other in zip(outer, owners, strict=True)
            if one is not call and isinstance(owner, Call) and other is owner
        ]
        yield _of_call(call, beside)
    owner, epochs = _owner_in(document), _epochs_in(document)
    seen: set[int] = set()
    for table in document.tables():
        if id(table) not in seen and _is_scheduler(_named(table)):
            seen |= {id(part) for part in _nested(table)}
            yield _of_table(table, owner, epochs)


def _is_scheduler(name: str) -> bool:
    room, _, kind = name.rpartition(".")
    return kind in PARAMETERS and (room in _ROOMS or (kind == _PLATEAU and room in _CLIS))


def _listed(call: Call) -> Iterator[object]:
    """The schedulers that a call of a nest is given."""
    if call.function in NESTS:
        values = _bound(call).plain().get(PARTS)
        yield from values if isinstance(values, list) else ()


def _bound(call: Call) -> Fields:
    names = PARAMETERS[call.function]
    if call.function == "ChainedScheduler":
        return call.found(*names, OWNER)
    return call.found(OWNER, *names)


def _of_call(call: Call, beside: Sequence[int] = ()) -> Setting:
    fields = _bound(call)
    values = fields.plain()
    if isinstance(inner := values.get(PARTS), list):
        values[PARTS] = [
            _of_call(part) if isinstance(part, Call) and _is_scheduler(part.name) else part
            for part in inner
        ]
    if _FUNCTION in values:
        values[_FUNCTION] = _computed(values[_FUNCTION])
    owner = _owner_of(values)
    if beside:
        others = listed([f"line {line}" for line in dict.fromkeys(beside)])
        alone = f"the rate is another if the scheduler of {others}, which has the same optimizer"
        owner = replace(owner, stepped=f"{owner.stepped}; {alone}, is stepped too")
    values[OWNER] = owner
    lines = dict.fromkeys(values, call.line)
    return Setting(call.function, Fields(values, fields.trial, lines), call.line)


def _computed(value: object) -> object:
    """Each ``lambda`` that is arithmetic of the step as a function; others stay unknown."""
    if isinstance(value, list):
        return [_computed(item) for item in value]
    function = pure_lambda(value.text) if isinstance(value, Unknown) else None
    return function or value


def _owner_of(values: dict[str, object]) -> Owner:
    """The optimizer of a call; a chain has that of its schedulers."""
    optimizer = values.get(OWNER)
    if isinstance(optimizer, Call):
        return _owner(optimizer.function, _rate(optimizer))
    inner = values.get(PARTS)
    parts = [p for p in inner if isinstance(p, Setting)] if isinstance(inner, list) else []
    owner = parts[0].fields.plain().get(OWNER) if parts else None
    return owner if isinstance(owner, Owner) else Owner()


def _rate(optimizer: Call) -> object:
    """The rate that a call of an optimizer passes on."""
    positional = dict(zip(("params", "lr"), optimizer.arguments, strict=False))
    return (positional | optimizer.fields.plain()).get("lr")


def _owner(name: str, rate: object) -> Owner:
    """An optimizer; a rate that is not known counts as 1."""
    is_known = is_number(rate)
    try:
        number = float(rate) if is_known or isinstance(rate, str) else 1.0  # type: ignore[arg-type]
    except ValueError:
        number = 1.0
    return Owner(name if name in _KNOWN else "SGD", (number,))


# The optimizers of torch that can be built with a rate alone.
_KNOWN = (
    "ASGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "NAdam", "RAdam", "RMSprop", "Rprop",
    "SGD",
)  # fmt: skip


def _named(table: Fields) -> str:
    """The class that a table of a config names; empty if it names none."""
    plain = table.plain()
    name = plain.get(_LIGHTNING) or plain.get(_HYDRA)
    return name if isinstance(name, str) else ""


def _nested(table: Fields) -> Iterator[Fields]:
    pending: list[object] = [table]
    while pending:
        value = pending.pop()
        if isinstance(value, Fields):
            yield value
            pending += value.plain().values()
        elif isinstance(value, list):
            pending += value


def _owner_in(document: Document) -> Owner:
    """The optimizer of a config, if there is just one."""
    found = []
    for table in document.tables():
        name = _named(table)
        if name.startswith(_OPTIMIZERS) and not _is_scheduler(name):
            found.append(_owner(name.rpartition(".")[2], _options(table).plain().get("lr")))
    return found[0] if len(found) == 1 else Owner()


def _epochs_in(document: Document) -> int:
    """How often a config of the Lightning CLI has a scheduler stepped; 0 if it does not say so."""
    trainers = [table.plain().get("trainer") for table in document.tables()]
    found = [t.plain().get("max_epochs") for t in trainers if isinstance(t, Fields)]
    known = {n for n in found if isinstance(n, int) and not isinstance(n, bool) and n > 0}
    return known.pop() if len(known) == 1 and len(found) == 1 else 0


def _options(table: Fields) -> Fields:
    """The arguments of what a table names."""
    return table if _HYDRA in table else table.table("init_args")


def _of_table(table: Fields, owner: Owner, epochs: int) -> Setting:
    options = _options(table)
    values = {
        key: value
        for key, value in options.plain().items()
        if key not in {_HYDRA, "_partial_", "_convert_", "_recursive_"}
    }
    if _LIGHTNING in table:
        # What stands beside the arguments is not understood.
        others = {_LIGHTNING, "init_args"}
        values |= {key: value for key, value in table.plain().items() if key not in others}
        owner = replace(owner, stepped=_PER_EPOCH, is_per_epoch=True, epochs=epochs)
        if _named(table).startswith(_CLIS):
            metric = f"it passes `{values.pop('monitor', None)}`, the `monitor` of ScheduleCallback"
            owner = replace(owner, stepped=f"{_PER_EPOCH}; {metric}")
    if isinstance(inner := values.get(PARTS), list):
        values[PARTS] = [
            _of_table(part, owner, epochs)
            if isinstance(part, Fields) and _is_scheduler(_named(part))
            else part
            for part in inner
        ]
    values[OWNER] = owner
    fields = Fields(values, table.trial, options.lines, table.name)
    return Setting(_named(table).rpartition(".")[2], fields, table.line)


def _translate(setting: Setting) -> Translation:
    owner = owner_of(setting)
    total = owner.epochs or setting.fields.trial.known_total()
    try:
        translation = translated(setting, owner, total)
    except Refused as refused:
        # It may be one that torch computes all the same, so that points can follow it.
        column = Column("lr", owner.rates[0])
        curve = Translation("", total=total, columns=[column], notes=[owner.stepped])
        is_one = total and len(set(owner.rates)) == 1
        raise Refused(refused.reason, refused.versions, curve if is_one else None) from None
    metric = measurements(setting) if setting.kind == "ReduceLROnPlateau" else ()
    return Translation(
        translation.text,
        # A plateau is compared for as long as it is measured, which may be longer than the run.
        total=0 if metric and owner.epochs else total,
        epochs=owner.epochs,
        steps_per_epoch=1 if owner.is_per_epoch else 0,
        columns=translation.columns,
        notes=[owner.stepped, *translation.notes],
        metric=metric,
    )


def owner_of(setting: Setting) -> Owner:
    """The optimizer of a scheduler, with as many groups as it has lists of numbers for.

    Args:
        setting: the scheduler.
    """
    owner = setting.fields.plain().get(OWNER)
    owner = owner if isinstance(owner, Owner) else Owner()
    lists = [leaf.fields.plain().get(key) for leaf in leaves(setting) for key in _OF_GROUPS]
    groups = max((len(item) for item in lists if isinstance(item, list)), default=1)
    if len(owner.rates) >= groups:
        return owner
    return replace(owner, rates=owner.rates[:1] * groups)


def translated(setting: Setting, owner: Owner, run: int, tolerance: float = EXACT) -> Translation:
    """A scheduler in lrdsl.

    Args:
        setting: the scheduler.
        owner: its optimizer.
        run: how often it is stepped; 0 if that is not known.
        tolerance: how exact its rates are.

    Raises:
        Refused: it cannot be said.
    """
    notes: list[str] = []
    groups = range(len(owner.rates))
    texts = [said(setting, Place(group=i, run=run, notes=notes)).text for i in groups]
    found = [driven(setting, i) for i in groups]
    momenta = [each.text for each in found if each is not None]
    statements, columns = _statements("lr", texts, owner.rates)
    if momenta:
        more, own = _statements("momentum", momenta, [_MOMENTUM] * len(groups))
        statements, columns = [*statements, *more], [*columns, *own]
    is_plain = len(statements) == 1 and len(set(texts)) == 1
    text = texts[0] if is_plain else "\n".join(statements)
    return Translation(text, columns=columns, notes=list(dict.fromkeys(notes)), tolerance=tolerance)


def _statements(
    target: str, texts: list[str], bases: list[float] | tuple[float, ...]
) -> tuple[list[str], list[Column]]:
    """The statements for a number of all groups: one if they are alike."""
    if len(set(texts)) == 1:
        return [f"{target}: {texts[0]}"], [Column(target, base) for base in bases]
    names = [f"{target}[{i}]" for i in range(len(texts))]
    statements = [f"{name}: {text}" for name, text in zip(names, texts, strict=True)]
    return statements, [Column(name, base) for name, base in zip(names, bases, strict=True)]


def measurements(setting: Setting) -> list[float]:
    """A metric that drives a plateau through all that it can do, for as many updates.

    It improves, stays, gets worse and improves a little; longer than the plateau is patient.

    Args:
        setting: the plateau.
    """
    fields, draw = setting.fields, Random(0)
    wait = fields.whole("patience", 10) + fields.whole("cooldown", 0) + 2
    sign = -1 if fields.text("mode", "min") == "max" else 1
    found, best = [], 100.0
    for _ in range(12):
        for _ in range(draw.randint(1, wait)):
            best *= draw.uniform(0.9, 1)
            found.append(best)
        for _ in range(draw.randint(1, 3 * wait)):
            found.append(best * draw.uniform(1, 1.2))
    return [value if sign > 0 else 200 - value for value in found]


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    name = f"torch {setting.version}".rstrip()
    raise Refused(f"{name} is not installed, and nothing else says what its schedulers do")


def _run(setting: Setting, translation: Translation, steps: int) -> list[Row]:
    """Steps the scheduler after each update, as ``torch.optim`` asks for."""
    metric = translation.metric or [0.0] * steps
    return rows(setting, owner_of(setting), keys_of(translation), metric)


def keys_of(translation: Translation) -> list[str]:
    """The numbers of the groups that a translation drives, each of all groups.

    Args:
        translation: the schedule in lrdsl.
    """
    return list(dict.fromkeys(column.key for column in translation.columns))


IMPORTER = Importer(
    system="torch",
    versions=("2.0", "2.13"),
    keys=("torch.optim.lr_scheduler.…(…)", "class_path", "_target_"),
    find=_find,
    translate=_translate,
    formula=_formula,
    run=_run,
)
