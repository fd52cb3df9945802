"""Repeat examinations (重复检查): the same examination again before it can tell anything new."""
