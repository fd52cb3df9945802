"""Synthetic extracts with planted truth: seeded, streamed to disk, for tests, demonstrations and benchmarks.

How an extract comes about, one block of patients at a time (``generate.py``):

    world.py        districts, institutions, staff and devices, once for the whole extract (institutions.py)
    population.py   patients of the block
    planting.py     every so many patients, one gets the next case of the roster (roster.py) with its verdict;
                    cases are small charts in relative time (cases.py, repeat_*.py, readmission_cases.py)
    encounters.py   everybody's ordinary visits and stays (medicine.py says who has what)
    orders.py       what the doctors order there (exams.py binds examinations to the policy pack)
    *_table         ids are given (identities.py) and canonical rows written (care_tables.py, charges.py, results.py,
                    registers.py) to open files (sink.py), beside what was planted (truth.py)

A district of habits is an extract of its own, for judges that need peers (habits.py): habit_people.py says who has a
habit and who looks alike, habit_stays.py and habit_clinics.py what they do.

Ordinary stays and orders are kept farther apart than any rule's window, so that every repeat and every return of an
extract is a planted one, and what a detector finds beyond the truth files is a false alarm.
"""

from __future__ import annotations

from pipelines.sample.generate import SampleSummary, generate

__all__ = ["SampleSummary", "generate"]
