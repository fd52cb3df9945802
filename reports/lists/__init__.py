"""Lists that leave the house: the workbook of a run, and its leads as CSV, JSON or XLSX."""

from reports.lists.export import Format, export_leads
from reports.lists.workbook import write_workbook

__all__ = ["Format", "export_leads", "write_workbook"]
