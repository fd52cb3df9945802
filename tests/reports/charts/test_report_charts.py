import json
import math
from datetime import datetime
from decimal import Decimal

import plotly.graph_objects as go
import pytest

from reports.charts import (
    Bar,
    Joint,
    days,
    days_of,
    embedded,
    funnel,
    in_language,
    limits_beside,
    share_limits_beside,
    timeline,
    trend,
    waterfall_figure,
)
from reports.charts.funnel import limit
from reports.charts.timeline import lane_of
from reports.rows import Event, Happening, Stay
from schemas.card import Text

at = datetime.fromisoformat
GAP = Text(en="31 h", zh="31小时")


def event(event_id: str, when: str, **more: object) -> Event:
    values: dict[str, object] = dict.fromkeys(Event.__dataclass_fields__)
    values |= {"patient_id": "P1", "event_id": event_id, "occurred_at": at(when), "has_time": True}
    values |= {"item_name": "CT", "family": "chest CT", "modality": "CT", "net_amount": Decimal("1.00")}
    return Event(**(values | more))  # type: ignore[arg-type]


STAY = Stay("P1", "S1", "H", None, at("2025-03-01"), None, None, None, "<b>x", None, None)
NOTE = Happening("P1", at("2025-03-01T09:00"), True, "operation", "x", None)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figures_are_valid_plotly(language: str) -> None:
    events = [event("a", "2025-03-01T10:00", is_abnormal=True), event("b", "2025-03-02T17:00")]
    drawn = timeline(events, [STAY], [NOTE], [Joint("a", "b", GAP, False)])
    peers = {"expected": [10.0, 20.0], "ratio": [0.9, 1.1], "phi": 2.0, "tau2": 0.02}
    among = funnel({"observed": 40, "expected": 16.0, "funnel": peers})
    months = trend(("2025-01", "2025-02"), {"x.y": [(1, 0), (2, 1)]}, {"x.y": Text(en="X", zh="某")})
    for figure in (drawn, among, months):
        made = in_language(figure, language)
        go.Figure(data=made["data"], layout=made["layout"])


def test_a_repeat_is_joined_by_a_line_that_says_the_gap() -> None:
    events = [event("a", "2025-03-01T10:00"), event("b", "2025-03-02T17:00")]
    figure = timeline(events, [], [], [Joint("a", "b", GAP, False)])
    assert figure is not None
    (line,) = [shape for shape in figure["layout"]["shapes"] if shape["type"] == "line"]
    assert (line["x0"], line["x1"]) == ("2025-03-01T10:00:00", "2025-03-02T17:00:00")
    assert figure["layout"]["annotations"][0]["text"] == {"en": "31 h", "zh": "31小时"}


def test_a_readmission_is_joined_from_discharge_to_admission() -> None:
    first = Stay("P1", "S1", "H", None, at("2025-03-01"), at("2025-03-09"), None, None, None, None, None)
    second = Stay("P1", "S2", "H", None, at("2025-03-11"), None, None, None, None, None, None)
    figure = timeline([], [first, second], [], [Joint("S1", "S2", GAP, False)])
    assert figure is not None
    assert figure["layout"]["shapes"][0]["x0"] == "2025-03-09T00:00:00"


def test_an_event_of_unknown_hour_is_drawn_at_noon() -> None:
    figure = timeline([event("a", "2025-03-01", has_time=False)], [], [], [])
    assert figure is not None
    assert figure["data"][0]["x"] == ["2025-03-01T12:00:00"]


def test_nothing_known_gives_no_figure() -> None:
    assert timeline([], [], [], []) is None
    assert funnel({"observed": 3, "expected": 1.0}) is None
    assert trend((), {}, {}) is None


def test_too_many_lanes_share_the_last_and_lanes_of_findings_stand_first() -> None:
    events = [event(f"e{n:02d}", "2025-03-01T10:00", modality=None, family=f"f{n:02d}") for n in range(20)]
    figure = timeline(events, [], [], [Joint("e18", "e19", GAP, False)])
    assert figure is not None
    names = figure["layout"]["yaxis"]["ticktext"]
    assert names[:2] == ["f18", "f19"]
    assert len(names) == 9
    assert names[-1] == {"en": "others", "zh": "其他"}


def test_a_lane_is_the_modality_of_imaging_and_the_family_of_the_rest() -> None:
    assert lane_of(event("a", "2025-03-01", modality="CT", family="chest CT")) == "CT"
    assert lane_of(event("a", "2025-03-01", modality="LAB", family="liver")) == "liver"


def test_limits_follow_the_square_root_scale() -> None:
    assert limit(25.0, 1.96, 0.0) == pytest.approx((1 + 1.96 / (2 * math.sqrt(25))) ** 2)
    assert limit(25.0, 1.96, 0.02) > limit(25.0, 1.96, 0.0)
    assert limit(0.3, -3.09, 0.0) == 0.0


def test_an_embedded_figure_cannot_end_its_script_element() -> None:
    hostile = "</script><script>alert(1)</script>&\u2028"
    text = str(embedded({"data": [{"text": hostile}]}))
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text)["data"][0]["text"] == hostile


def test_names_from_data_are_plain_text_for_plotly() -> None:
    figure = timeline([event("a", "2025-03-01T10:00", item_name="<a href='x'>y</a>")], [STAY], [], [])
    assert "<a" not in json.dumps(figure)
    assert "<b>x" not in json.dumps(figure)


def test_what_another_institution_did_is_square() -> None:
    here = event("a", "2025-03-01T10:00", performing_institution_id="H1", is_abnormal=False)
    there = event("b", "2025-03-01T12:00", performing_institution_id="H2", is_abnormal=True)
    figure = timeline([here, there], [], [], [], "H1")
    assert figure is not None
    assert figure["data"][0]["marker"]["symbol"] == ["circle-open", "square-open"]
    go.Figure(data=in_language(figure["data"], "en"), layout=in_language(figure["layout"], "en"))


@pytest.mark.parametrize(("observed", "near", "far"), [(300, 1.21, 1.33), (50, 0.81, 0.71)])
def test_a_funnel_says_which_limits_stand_on_the_subjects_side(observed: int, near: float, far: float) -> None:
    told = {"observed": observed, "expected": 100.0, "funnel": {"expected": [50.0], "ratio": [1.0], "tau2": 0.0}}
    beside = limits_beside(told)
    assert beside is not None
    assert [round(one, 2) for one in beside] == [observed / 100, near, far]
    assert limits_beside({"observed": observed}) is None


def test_limits_of_a_share_lie_on_its_side_of_the_target() -> None:
    told = {"observed": 80, "trials": 100, "share_funnel": {"trials": [9], "share": [0.2], "target": 0.2, "tau2": 0.0}}
    own, near, far = share_limits_beside(told) or ()
    assert 0.2 < near < far < own == 0.8
    own, near, far = share_limits_beside(told | {"observed": 1}) or ()
    assert own < far < near < 0.2


def test_days_are_drawn_in_order_with_what_a_day_holds() -> None:
    told = [{"period": f"2025-06-{day:02d}", "counted": 300 + day, "held": 288} for day in (9, 2)] + [{"other": 1}]
    drawn = days(days_of(told))
    assert drawn is not None
    assert drawn["data"][0]["y"] == [302, 309]
    assert len(drawn["layout"]["shapes"]) == 2
    assert days(()) is None
    go.Figure(**{name: in_language(drawn, "zh")[name] for name in ("data", "layout")})


def test_a_waterfall_ends_at_its_total_and_hatches_what_falls() -> None:
    name = Text(en="a", zh="甲")
    drawn = waterfall_figure([Bar(name, 0.0, 90.0), Bar(name, 90.0, -40.0), Bar(name, 0.0, 50.0, is_total=True)])
    assert drawn is not None
    assert drawn["data"][0]["marker"]["pattern"]["shape"] == ["", "/", ""]
    assert drawn["data"][0]["base"] == [0.0, 90.0, 0.0]
    assert waterfall_figure([]) is None
    go.Figure(**{part: in_language(drawn, "en")[part] for part in ("data", "layout")})


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("practitioner", {"en": "this doctor", "zh": "该医师"}),
        ("department", {"en": "this department", "zh": "该科室"}),
    ],
)
def test_a_funnel_names_its_subject_and_keeps_the_names_of_its_limits_apart(subject: str, name: dict[str, str]) -> None:
    peers = {"expected": [50.0, 400.0], "ratio": [1.0, 0.9], "tau2": 0.0}
    drawn = funnel({"observed": 300, "expected": 10.0, "subject": subject, "funnel": peers})
    assert drawn is not None
    notes = {str(note["text"]): note for note in drawn["layout"]["annotations"]}
    assert str(name) in notes
    assert [notes[level]["yanchor"] for level in ("95 %", "99.8 %")] == ["top", "bottom"]
