"""Figures of the pages: plain Plotly figure values, and Plotly's own script. The only doorway to Plotly.

A figure is a dictionary of ``data``, ``layout`` and ``config`` in Plotly's JSON form, so that a thousand pages cost no
figure objects; tests build a ``plotly.graph_objects.Figure`` from each to prove it valid. Words inside it are
``{"en": …, "zh": …}`` pairs that assets/page.js resolves, so that one figure serves both languages.
"""

from reports.charts.calibration import calibration
from reports.charts.days import days, days_of
from reports.charts.funnel import funnel, limits_beside, own_name
from reports.charts.library import plotly_js
from reports.charts.piling import piling
from reports.charts.sensitivity import sensitivity
from reports.charts.share_funnel import share_funnel, share_limits_beside
from reports.charts.style import Figure, embedded, in_language
from reports.charts.timeline import is_elsewhere, timeline
from reports.charts.timeline_marks import CONSENTS, Joint
from reports.charts.trend import PANELS_SHOWN, trend
from reports.charts.waterfall import Bar, waterfall_figure

__all__ = [
    "CONSENTS",
    "PANELS_SHOWN",
    "Bar",
    "Figure",
    "Joint",
    "calibration",
    "days",
    "days_of",
    "embedded",
    "funnel",
    "in_language",
    "is_elsewhere",
    "limits_beside",
    "own_name",
    "piling",
    "plotly_js",
    "sensitivity",
    "share_funnel",
    "share_limits_beside",
    "timeline",
    "trend",
    "waterfall_figure",
]
