"""Lists that leave the house: the workbook of a run, and its leads as XLSX, CSV, JSON, Parquet or for the platform."""

from reports.lists.difference import first_difference
from reports.lists.export import FORMATS, Format, export_leads
from reports.lists.platform import PROPOSED
from reports.lists.workbook import write_workbook

__all__ = ["FORMATS", "PROPOSED", "Format", "export_leads", "first_difference", "write_workbook"]
