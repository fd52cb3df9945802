"""From DuckDB's dialect to Spark's: what sqlglot translates, and what it would pass on with another meaning.

Reading needs no PySpark: the same text is judged by the contract tests on machines without one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import sqlglot
from sqlglot import exp

SCHEMAS = ("main", "pack", "prepared", "work")
"""Schemas that questions read; each of their tables is a view ``schema__table`` in the Spark session."""

_DOUBLE = exp.DataType.build("double")
_BIGINT = exp.DataType.build("bigint")
_WHOLE = (exp.DataType.Type.TINYINT, exp.DataType.Type.SMALLINT, exp.DataType.Type.INT, exp.DataType.Type.BIGINT)
_SPACES = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_ROUNDED = "rounded here"
_COUNTING = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile)
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div)


def view_name(table: str) -> str:
    """Name of the view for ``schema.table``: Spark's temporary views stand in no schema."""
    return table.replace(".", "__")


@cache
def to_spark(sql: str) -> str:
    """One statement in Spark's dialect, its ``$parameters`` as ``:parameters``.

    Raises:
        sqlglot.errors.SqlglotError: the statement cannot be read, or holds what Spark has no word for.
    """
    root = exp.Subquery(this=sqlglot.parse_one(sql, dialect="duckdb"))
    for node in reversed(list(root.walk())):
        new = _rewritten(node)
        if new is not node:
            node.replace(new)
    return str(root.this.sql(dialect="spark", comments=False, unsupported_level=sqlglot.ErrorLevel.RAISE))


def _rewritten(node: exp.Expr) -> exp.Expr:
    for kind, rewrite in _REWRITES:
        if isinstance(node, kind):
            return rewrite(node)
    return node


def _common_table(node: exp.Expr) -> exp.Expr:
    """``with x as materialized``: Spark has no word for what is kept, and decides itself."""
    if node.args.get("materialized") is None:
        return node
    plain = node.copy()
    plain.set("materialized", None)
    return plain


def _table(node: exp.Expr) -> exp.Expr:
    """``schema.table`` as its view; names of CTEs stay."""
    if node.text("db") not in SCHEMAS:
        return node
    view = node.copy()
    if not view.alias:
        view.set("alias", exp.TableAlias(this=exp.to_identifier(node.name)))
    view.set("this", exp.to_identifier(view_name(f"{node.text('db')}.{node.name}")))
    view.set("db", None)
    return view


def _division(node: exp.Expr) -> exp.Expr:
    """DuckDB divides in floats whatever stands on either side; Spark would divide decimals as decimals."""
    left, right = (_as_double(side) for side in (node.this, node.expression))
    return exp.Div(this=left, expression=right, typed=False, safe=False)


def _as_double(side: exp.Expr) -> exp.Expr:
    inner = side.unnest()
    return inner.copy() if _is_double(inner) else exp.Cast(this=inner.copy(), to=_DOUBLE.copy())


def _is_double(side: exp.Expr) -> bool:
    return isinstance(side, exp.Cast | exp.TryCast) and side.to.this is exp.DataType.Type.DOUBLE


def _round(node: exp.Expr) -> exp.Expr:
    """DuckDB rounds the float it has times a power of ten; Spark would round the decimals that it prints as."""
    places = node.args.get("decimals")
    if places is None or not (isinstance(node.this, exp.Column) or _is_float(node.this)):
        return node
    return _rounded(node.this, places.name)


def _rounded(number: exp.Expr, places: str) -> exp.Expr:
    power = exp.Literal.number(f"1E{int(places)}")
    scaled = exp.Round(this=exp.Mul(this=_as_double(number), expression=power))
    rounded = exp.Div(this=scaled, expression=power.copy(), typed=False, safe=False)
    rounded.meta[_ROUNDED] = True
    return exp.Paren(this=rounded)


def _is_float(node: exp.Expr) -> bool:
    """Whether an expression is a float by what stands in it: a division, or a cast to double, outside other casts."""
    inner = node.unnest()
    if inner.meta.get(_ROUNDED):
        return False
    if isinstance(inner, exp.Cast | exp.TryCast | exp.Column | exp.Literal):
        return _is_double(inner)
    return isinstance(inner, exp.Div) or any(_is_float(part) for part in inner.iter_expressions())


def _date_diff(node: exp.Expr) -> exp.Expr:
    """Whole seconds or days between two moments, each cut down to its unit first, as a 64-bit integer."""
    unit = node.text("unit").lower()
    if unit == "second":
        later, earlier = (_epoch_seconds(side) for side in (node.this, node.expression))
        return exp.Paren(this=exp.Sub(this=later, expression=earlier))
    days = exp.Anonymous(this="datediff", expressions=[node.this.copy(), node.expression.copy()])
    return exp.Cast(this=days, to=_BIGINT.copy()) if unit == "day" else node


def _epoch_seconds(moment: exp.Expr) -> exp.Expr:
    in_utc = exp.Cast(this=moment.copy(), to=exp.DataType.build("timestampltz"))
    return exp.Anonymous(this="unix_seconds", expressions=[in_utc])


def _cast(node: exp.Expr) -> exp.Expr:
    """A number to a whole one, or a float to decimals: DuckDB rounds the float it has."""
    inner = node.this.unnest()
    kind = node.args["to"]
    if kind.this in _WHOLE and isinstance(inner, _ARITHMETIC):
        return exp.Cast(this=exp.Round(this=inner.copy()), to=kind.copy())
    if kind.this is exp.DataType.Type.DECIMAL and len(kind.expressions) == 2 and _is_float(inner):
        return exp.Cast(this=_rounded(inner, kind.expressions[1].name), to=kind.copy())
    return node


def _try_cast(node: exp.Expr) -> exp.Expr:
    """Text to a number where it is one: ``5.`` is, and ``3d``, a number to Java, is not."""
    kind = node.args["to"].this
    if kind is exp.DataType.Type.DOUBLE:
        return _text_as_double(node.this)
    if kind in _WHOLE:
        whole = exp.Round(this=_text_as_double(node.this))
        return exp.TryCast(this=whole, to=node.args["to"].copy(), safe=True)
    return node


def _text_as_double(text: exp.Expr) -> exp.Expr:
    written_for_java = exp.RegexpLike(this=text.copy(), expression=exp.Literal.string("([0-9.][dDfF]|[xX].*)$"))
    number = exp.TryCast(this=text.copy(), to=_DOUBLE.copy(), safe=True)
    return exp.Case(ifs=[exp.If(this=exp.not_(written_for_java), true=number)])


def _trim(node: exp.Expr) -> exp.Expr:
    """DuckDB trims every kind of space, the ideographic one too; Spark would trim the plain one alone."""
    if node.args.get("expression") is not None:
        return node
    return exp.Trim(this=node.this.copy(), expression=exp.Literal.string(_SPACES), position="BOTH")


def _window(node: exp.Expr) -> exp.Expr:
    """``over (named order by …)``: Spark adds nothing to a named window, so the name gives way to what it means."""
    node = _whole_window(node)
    return _as_bigint(node) if isinstance(node.this, _COUNTING) else node


def _as_bigint(node: exp.Expr) -> exp.Expr:
    """A whole number as wide as DuckDB has it: Spark's has 32 bits and would overflow in sums and keys."""
    return exp.Cast(this=node.copy(), to=_BIGINT.copy())


def _whole_window(node: exp.Expr) -> exp.Expr:
    name, select = node.args.get("alias"), node.find_ancestor(exp.Select)
    if name is None or select is None or not (node.args.get("order") or node.args.get("spec")):
        return node
    meant = next(one for one in select.args["windows"] if one.this.name == name.name)
    whole = node.copy()
    whole.set("alias", None)
    for part in ("partition_by", "order", "spec"):
        if not whole.args.get(part) and meant.args.get(part):
            value = meant.args[part]
            whole.set(part, [one.copy() for one in value] if isinstance(value, list) else value.copy())
    return whole


def _in_order(node: exp.Expr) -> exp.Expr:
    """``list(x order by k)``: Spark's collect_list forgets the order, so the keys travel with the values."""
    order = node.this
    if not isinstance(order, exp.Order):
        return node
    if any(one.args.get("desc") for one in order.expressions):
        raise sqlglot.errors.UnsupportedError("list(... order by ... desc) has no word in Spark")
    keys = [part for one in order.expressions for part in _nulls_last(one.this)]
    pair = exp.Anonymous(this="named_struct", expressions=list(_named([*keys, order.this.copy()])))
    gathered = exp.Anonymous(this="sort_array", expressions=[exp.Anonymous(this="collect_list", expressions=[pair])])
    last = exp.Column(this=exp.to_identifier(f"k{len(keys)}"), table=exp.to_identifier("r"))
    return exp.Anonymous(
        this="transform", expressions=[gathered, exp.Lambda(this=last, expressions=[exp.to_identifier("r")])]
    )


def _nulls_last(key: exp.Expr) -> tuple[exp.Expr, exp.Expr]:
    return exp.Is(this=key.copy(), expression=exp.Null()), key.copy()


def _named(values: list[exp.Expr]) -> list[exp.Expr]:
    return [part for i, value in enumerate(values) for part in (exp.Literal.string(f"k{i}"), value)]


_REWRITES: tuple[tuple[type[exp.Expr], Callable[[exp.Expr], exp.Expr]], ...] = (
    (exp.CTE, _common_table),
    (exp.Table, _table),
    (exp.Div, _division),
    (exp.Round, _round),
    (exp.DateDiff, _date_diff),
    (exp.TryCast, _try_cast),
    (exp.Cast, _cast),
    (exp.Trim, _trim),
    (exp.ArrayAgg, _in_order),
    (exp.Window, _window),
    *((kind, _as_bigint) for kind in (exp.Year, exp.Quarter, exp.Month, exp.Day, exp.Length, exp.StrPosition)),
)
"""Kinds of expression and what each becomes; a kind stands before the kind that it is a special case of."""
