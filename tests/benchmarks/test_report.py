from benchmarks.report import Check, Report, Result, Table, markdown, number
from benchmarks.timing import Sample

TABLE = Table(title="One turn", head=("what", "p50 ms"), rows=(("encoder", "5.00"),), notes=("On one core.",))


def report(*checks: Check) -> Report:
    return Report(
        command="python -m benchmarks",
        day="2026-11-23",
        machine=(("processor", "a fast one, 2 cores"),),
        results=(Result(table=TABLE, checks=checks),),
    )


def test_a_page_names_the_command_the_machine_and_what_each_number_means():
    assert markdown(report()) == (
        "# Benchmarks\n\n"
        "Written by `python -m benchmarks` on 2026-11-23; do not edit. `make bench` measures anew.\n\n"
        "|  |  |\n| --- | ---: |\n| processor | a fast one, 2 cores |\n\n"
        "## One turn\n\n"
        "| what | p50 ms |\n| --- | ---: |\n| encoder | 5.00 |\n\n"
        "- On one core.\n"
    )


def test_a_missed_promise_stands_at_the_top():
    missed = Check(what="turn / encoder", measured="1.70", limit="≤ 1.5", is_kept=False)

    first, *_ = report(missed).tables

    assert first.rows == (("turn / encoder", "1.70", "≤ 1.5", "MISSED"),)


def test_numbers_keep_three_digits_that_mean_something():
    assert [number(value) for value in (0.01234, 9.876, 99.95, 123.4, 12345.6)] == [
        "0.012",
        "9.88",
        "100.0",
        "123",
        "12,346",
    ]


def test_percentiles_of_some_of_the_laps():
    sample = Sample((1.0, 100.0, 3.0, 200.0))

    assert sample.where([True, False, True, False]).p50 == 2.0
