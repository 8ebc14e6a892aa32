"""One write at a time, and nobody starves."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.errors import StorageError
from bot.storage import database
from bot.storage.database import open_database

WRITERS, WRITES = 16, 10
LONGEST_WAIT_S = 2.0  # all 160 writes take a fraction of it


def test_many_writers_of_one_process_are_all_served_in_time(tmp_path: Path):
    opened = open_database(f"sqlite:///{tmp_path / 'anwen.db'}")

    def write(writer: int) -> float:
        longest = 0.0
        for number in range(WRITES):
            started = time.monotonic()
            with opened.transaction() as tx:
                tx.execute(
                    text("INSERT INTO failures (channel, raw, reason, created_at) VALUES ('t', :raw, '', 0)"),
                    {"raw": f"{writer}-{number}"},
                )
            longest = max(longest, time.monotonic() - started)
        return longest

    with ThreadPoolExecutor(WRITERS) as pool:
        waits = list(pool.map(write, range(WRITERS)))
    with opened.reading() as tx:
        count = tx.execute(text("SELECT count(DISTINCT raw) FROM failures")).scalar_one()
    opened.close()

    assert count == WRITERS * WRITES
    assert max(waits) < LONGEST_WAIT_S


def test_a_write_that_never_ends_is_an_error_for_the_next_and_not_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    opened = open_database(f"sqlite:///{tmp_path / 'anwen.db'}")
    begun, done = threading.Event(), threading.Event()

    def hold() -> None:
        with opened.transaction():
            begun.set()
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    begun.wait(10)
    with pytest.raises(StorageError, match="another write"), opened.transaction():
        pass
    done.set()
    holder.join()
    with opened.transaction():
        pass
    opened.close()
