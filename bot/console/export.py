"""Tables for spreadsheets: CSV and XLSX in which nothing a citizen wrote can become a formula. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

# What spreadsheet programs take for the beginning of a formula, also behind blanks and in full width.
_FORMULA = re.compile(r"^[\s\u200b\ufeff]*[=+\-@＝＋－＠|%]|^[\t\r\n]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
LONGEST_CELL = 32_000  # Excel refuses more than 32,767

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


Cell = str | int | float | datetime


def harmless(value: object) -> Cell:
    """`value` for a cell: numbers and dates stay, a text that could be read as a formula gets an apostrophe.

    >>> harmless("=HYPERLINK(1)"), harmless("转账 -5"), harmless(-5)
    ("'=HYPERLINK(1)", '转账 -5', -5)
    """
    if value is None:
        return ""
    if isinstance(value, int | float | datetime):
        return value
    text = _CONTROLS.sub("", str(value))[:LONGEST_CELL]
    return f"'{text}" if _FORMULA.match(text) else text


def as_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """CSV with a byte order mark, without which Excel reads Chinese wrongly."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow([harmless(each) for each in head])
    for row in rows:
        writer.writerow([_plain(harmless(each)) for each in row])
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def as_xlsx(head: Sequence[str], rows: Iterable[Sequence[object]], *, title: str) -> bytes:
    """A workbook with one sheet; every text is stored as a text."""
    # Here, because a server that exports nothing needs neither the time nor the memory.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
    sheet.freeze_panes = "A2"
    for row in (head, *rows):
        cells = []
        for each in row:
            value = _plain(harmless(each))
            cell = WriteOnlyCell(sheet, value=value)
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _plain(value: Cell) -> str | int | float:
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else value
