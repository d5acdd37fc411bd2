"""The year as six agencies' own exports (demo/year), a month at a time.

An exercise's clocks only move forward, so the year is played some whole years later than it is
written: each date is moved on, and nothing else.
"""

import csv
import datetime
import io
from pathlib import Path

YEAR = Path(__file__).resolve().parent / "year"
BEGINS = datetime.date(2025, 4, 1)
MONTHS = 12


class Export:
    """One agency's file: which map reads it, which column has the date and how it is written, and
    which columns refer to the family, in whose numbering."""

    def __init__(self, name, import_map, date_column, date_format, system, *ref_columns):
        self.path = YEAR / f"{name}.csv"
        self.map, self.column, self.format = import_map, date_column, date_format
        self.system, self.ref_columns = system, ref_columns
        with open(self.path, encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            self.rows = list(reader)
            self.header = reader.fieldnames

    def month_of(self, row):
        date = datetime.datetime.strptime(row[self.column], self.format)
        return (date.year - BEGINS.year) * 12 + date.month - BEGINS.month

    def rows_of(self, month):
        return [row for row in self.rows if self.month_of(row) == month]

    def slice(self, month, years):
        """The file with that month's rows only, moved on by so many years."""
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, self.header, lineterminator="\n")
        writer.writeheader()
        for row in self.rows_of(month):
            date = datetime.datetime.strptime(row[self.column], self.format)
            moved = date.replace(year=date.year + years)
            writer.writerow({**row, self.column: moved.strftime(self.format)})
        return out.getvalue()

    def references(self):
        """What `kith household link` is given: SYSTEM/ID, each once."""
        return sorted({f"{self.system}/{row[column]}"
                       for row in self.rows for column in self.ref_columns})

    def count(self, *types):
        return sum(row["type"] in types for row in self.rows)

    def minutes(self, column, *types):
        return sum(int(row[column]) for row in self.rows if row["type"] in types)


DAY = "%Y-%m-%d"
EXPORTS = {
    "police": Export("police", "demo-police", "datetime", "%d/%m/%Y %H:%M", "police-rms",
                     "person_ref", "address_ref"),
    "housing": Export("housing", "demo-housing", "date", DAY, "housing-crm", "tenancy_ref"),
    "health": Export("health", "demo-ambulance", "arrived", DAY, "health-pas", "patient_ref"),
    "youth-justice": Export("youth", "demo-youth", "date", DAY, "youth-cm", "young_person_ref"),
    "social-care": Export("social-care", "demo-social-care", "date", DAY, "social-care-cm",
                          "person_ref"),
    "early-help": Export("early-help", "demo-early-help", "date", DAY, "early-help-cm",
                         "family_ref"),
}


def years_ahead(today):
    """So that the played year begins after today."""
    years = 0
    while BEGINS.replace(year=BEGINS.year + years) <= today:
        years += 1
    return years


def month_begins(month, years):
    """The first day of the month, as played; month 12 is the day after the year."""
    months = BEGINS.month - 1 + month
    return datetime.date(BEGINS.year + years + months // 12, months % 12 + 1, 1)
