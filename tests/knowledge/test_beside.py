"""Work beside native calls: done once, by whoever comes first, its error where its result is asked for."""

from threading import Barrier, Event, current_thread, get_ident

import pytest

from knowledge.beside import WORKERS, beside, going_native


def test_without_a_native_call_it_is_done_where_its_result_is_asked_for():
    work = beside(get_ident)

    assert work.result() == get_ident()


def test_a_native_call_has_all_that_waits_done_on_one_other_thread():
    first, second = beside(get_ident), beside(get_ident)

    going_native()

    assert first.result() == second.result() != get_ident()


def test_nothing_begins_before_the_native_call():
    begun = Event()
    work = beside(begun.set)

    assert not begun.wait(0.05)
    going_native()
    work.result()
    assert begun.is_set()


def test_it_is_done_once():
    done: list[str] = []
    work = beside(lambda: done.append("once"))

    going_native()
    going_native()
    work.result()
    work.result()

    assert done == ["once"]


@pytest.mark.parametrize("native", [True, False])
def test_an_error_is_raised_with_the_result_and_stops_nothing_else(native):
    def fail() -> None:
        raise ZeroDivisionError

    broken, other = beside(fail), beside(lambda: 7)
    if native:
        going_native()

    with pytest.raises(ZeroDivisionError):
        broken.result()
    assert other.result() == 7


def test_work_may_wait_for_work_of_its_own():
    """All workers waiting for each other would be a deadlock."""
    everybody = Barrier(WORKERS)

    def outer() -> int:
        everybody.wait(10)
        inner = beside(lambda: 1)
        going_native()
        return inner.result() + 1

    works = []
    for _ in range(WORKERS):
        works.append(beside(outer))
        going_native()

    assert [work.result() for work in works] == [2] * WORKERS


def test_the_threads_say_what_they_are():
    work = beside(lambda: current_thread().name)
    going_native()

    assert work.result().startswith("beside")
