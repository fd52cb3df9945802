"""What a detector's parameters are for one run: the card's defaults, the pack's changes, then ``--set``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

from detectors.declaration import Detector, Parameter, Value
from schemas.card import ResolvedParameter
from schemas.errors import SettingError

Origin: TypeAlias = Literal["card", "pack", "set"]


def resolve(
    catalogue: Sequence[Detector],
    from_pack: Mapping[str, Mapping[str, object]],
    assignments: Iterable[str] = (),
) -> dict[str, tuple[ResolvedParameter, ...]]:
    """Every parameter of every detector, with the value to use and where it came from.

    Args:
        catalogue: all detectors.
        from_pack: detector id → parameter → value, the tables of thresholds.toml.
        assignments: texts such as ``readmission.cycle.window_days=31``.

    Raises:
        SettingError: an unknown detector or parameter, or a value of the wrong type or out of bounds.
    """
    by_id = {detector.id: detector for detector in catalogue}
    values: dict[tuple[str, str], tuple[Value, Origin]] = {}
    for detector_id, parameters in from_pack.items():
        for name, raw in parameters.items():
            parameter = find_parameter(by_id, detector_id, name, where="thresholds.toml of the pack")
            values[detector_id, name] = (
                checked_value(parameter, raw, f"[{detector_id}] {name} in thresholds.toml"),
                "pack",
            )
    for assignment in assignments:
        detector_id, name, raw_text = _parse(assignment, by_id)
        parameter = find_parameter(by_id, detector_id, name, where=f"--set {detector_id}.{name}=…")
        values[detector_id, name] = checked_value(parameter, raw_text, f"--set {detector_id}.{name}=…"), "set"
    return {
        detector.id: tuple(_resolved(p, values.get((detector.id, p.name))) for p in detector.parameters)
        for detector in catalogue
    }


def _resolved(parameter: Parameter, chosen: tuple[Value, Origin] | None) -> ResolvedParameter:
    value, origin = chosen or (parameter.default, "card")
    return ResolvedParameter(
        name=parameter.name,
        value=value,
        default=parameter.default,
        unit=parameter.unit,
        minimum=parameter.minimum,
        maximum=parameter.maximum,
        why=parameter.why,
        origin=origin,
    )


def _parse(assignment: str, by_id: Mapping[str, Detector]) -> tuple[str, str, str]:
    key, equals, raw = assignment.partition("=")
    detector_id, dot, name = key.strip().rpartition(".")
    if not equals or not dot:
        raise SettingError(
            "--set needs DETECTOR.PARAM=VALUE",
            got=key.strip(),
            allowed=f"for example {_example(by_id)}",
            where="--set",
        )
    return detector_id, name, raw.strip()


def _example(by_id: Mapping[str, Detector]) -> str:
    for detector in by_id.values():
        for parameter in detector.parameters:
            return f"{detector.id}.{parameter.name}={parameter.default}"
    return "readmission.cycle.window_days=15"


def find_parameter(by_id: Mapping[str, Detector], detector_id: str, name: str, *, where: str) -> Parameter:
    """A detector's parameter by name.

    Raises:
        SettingError: no such detector or parameter, with those that there are.
    """
    if detector_id not in by_id:
        raise SettingError("no such detector", got=detector_id, allowed=", ".join(sorted(by_id)), where=where)
    detector = by_id[detector_id]
    try:
        return detector.parameter(name)
    except KeyError:
        allowed = ", ".join(parameter.name for parameter in detector.parameters) or "it has no parameters"
        raise SettingError(
            f"detector {detector_id} has no such parameter", got=name, allowed=allowed, where=where
        ) from None


def checked_value(parameter: Parameter, raw: object, where: str) -> Value:
    """A parameter's value out of text or TOML, typed.

    Raises:
        SettingError: of the wrong type or out of bounds.
    """
    value = _typed(parameter, raw, where)
    too_small = parameter.minimum is not None and isinstance(value, int | float) and value < parameter.minimum
    too_large = parameter.maximum is not None and isinstance(value, int | float) and value > parameter.maximum
    wrong_word = bool(parameter.choices) and value not in parameter.choices
    if too_small or too_large or wrong_word:
        raise SettingError(
            f"parameter {parameter.name} is out of bounds", got=str(value), allowed=_bounds(parameter), where=where
        )
    return value


def _typed(parameter: Parameter, raw: object, where: str) -> Value:
    kind = type(parameter.default)
    try:
        if kind is bool:
            return {"true": True, "1": True, "false": False, "0": False}[str(raw).lower()]
        if kind is int:
            return int(str(raw))
        if kind is float:
            return _finite(float(str(raw)))
        return str(raw)
    except (ValueError, KeyError):
        raise SettingError(
            f"parameter {parameter.name} needs a value of type {kind.__name__}",
            got=str(raw),
            allowed=_bounds(parameter),
            where=where,
        ) from None


def _finite(number: float) -> float:
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError
    return number


def _bounds(parameter: Parameter) -> str:
    if parameter.choices:
        return ", ".join(parameter.choices)
    low = "-∞" if parameter.minimum is None else f"{parameter.minimum:g}"
    high = "∞" if parameter.maximum is None else f"{parameter.maximum:g}"
    return f"{type(parameter.default).__name__} from {low} to {high}" + (f" {parameter.unit}" if parameter.unit else "")
