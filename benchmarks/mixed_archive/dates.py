"""Dates as portals and journals print them."""

from __future__ import annotations

import random
from datetime import datetime

_WEEKDAYS = "Hai Ba Tư Năm Sáu Bảy".split()
_MONTHS = "Một|Hai|Ba|Tư|Năm|Sáu|Bảy|Tám|Chín|Mười|Mười Một|Mười Hai".split("|")


def weekday(day: datetime) -> str:
    """Its name, as portals print it: ``Thứ Ba``."""
    number = day.weekday()
    return "Chủ nhật" if number == 6 else f"Thứ {_WEEKDAYS[number]}"


def stamp(day: datetime, chance: random.Random) -> str:
    """A day and time, as software prints it above a text."""
    clock = f"{day:%H:%M}"
    half = "SA" if day.hour < 12 else "CH"
    hour = (day.hour - 1) % 12 + 1
    return chance.choice(
        (
            f"{weekday(day)}, {day:%d/%m/%Y} {clock}",
            f"{weekday(day)}, {day:%d} Tháng {day.month} {day.year} {clock}",
            f"{weekday(day)}, {day:%d/%m/%Y} | {clock} GMT+7",
            f"Cập nhật lúc {clock}, {weekday(day)}, {day:%d/%m/%Y} (GMT+7)",
            f"{clock} | {day:%d/%m/%Y}",
            f"{clock}, {day.day}/{day.month}/{day.year}",
            f"{day:%d/%m/%Y} {hour}:{day:%M:%S} {half}",
            f"Ngày đăng: {day:%d-%m-%Y}",
            f"{day.day} Tháng {_MONTHS[day.month - 1]}, {day.year}",
            f"Tháng {_MONTHS[day.month - 1]} {day.day}, {day.year}",
            f"Ngày {day:%d} tháng {day:%m} năm {day.year}",
            f"Thời gian đăng: {day:%d.%m.%Y}",
            f"{day.hour}h{day:%M} ngày {day.day}/{day.month}/{day.year}",
            f"{day:%Y-%m-%d %H:%M:%S}",
        )
    )


def of_issue(day: datetime, chance: random.Random) -> str:
    """When an issue came out, as its masthead or a citation says it."""
    return chance.choice(
        (
            f"tháng {day.month} năm {day.year}",
            f"tháng {day.month}/{day.year}",
            f"tháng {day.month:02}-{day.year}",
            f"{day.month}/{day.year}",
            f"năm {day.year}",
            f"{day.year}",
        )
    )


def cell(day: datetime, chance: random.Random) -> str:
    """A date as it stands in a table."""
    return chance.choice(
        (
            f"{day:%Y-%m-%d}",
            f"{day:%d/%m/%Y}",
            f"{day.day}/{day.month}/{day.year}",
            f"{day.month}/{day.year}",
            f"{day.year}",
            f"tháng {day.month}/{day.year}",
        )
    )
