"""Accounts, passwords, sessions, and what guessing costs."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from bot.errors import PasswordRefused, SignInRefused, StaffError
from bot.storage.desk_tables import staff_sessions
from bot.tickets import audit, passwords, staff, tries
from bot.tickets.people import Role
from knowledge.entries import Queue
from tests.bot.tickets.world import PASSWORD, Office

HERE = "10.0.0.7"
SECOND = timedelta(seconds=1)


def sign_in(office: Office, username: str = "lin", password: str = PASSWORD, *, origin: str = HERE) -> str:
    """A token."""
    return staff.sign_in(office.database, username, password, origin=origin, now=office.clock())


def who(office: Office, token: str) -> str | None:
    """Whose session it is."""
    found = staff.current(office.database, token, now=office.clock())
    return found.username if found else None


def test_an_account_is_read_as_it_was_made(office: Office):
    made = office.hire("Lin.Mei", role=Role.SUPERVISOR, queues=(Queue.LEGAL, Queue.FRAUD))

    with office.database.reading() as tx:
        assert staff.get(tx, made.id) == made
        assert staff.by_username(tx, " LIN.mei ") == made
        assert staff.listing(tx) == (made,)
    assert (made.username, made.queues) == ("lin.mei", {Queue.LEGAL, Queue.FRAUD})
    assert made.works_on(Queue.LEGAL)
    assert not made.works_on(Queue.CREDIT)


@pytest.mark.parametrize("username", ["", "x", "a b", "-lin", "x" * 65, "lin;"])
def test_a_user_name_that_is_none_is_refused(office: Office, username: str):
    with pytest.raises(StaffError, match="user name"):
        office.hire(username)


def test_a_taken_user_name_is_refused(office: Office):
    office.hire("lin")

    with pytest.raises(StaffError, match="taken"):
        office.hire("LIN")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("短密码", "too_short"),
        ("x" * 129, "too_long"),
        ("password123", "common"),
        ("admin@2026!!", "common"),
        ("ｐａｓｓｗｏｒｄ１２３", "common"),  # full width is the same
        ("aaaabbbbcccc", "common"),
        ("ilovelinmei!", "like_name"),
    ],
)
def test_an_easy_password_is_refused(password: str, code: str):
    with pytest.raises(PasswordRefused) as refused:
        passwords.check(password, username="linmei", name="林梅")

    assert refused.value.code == code


@pytest.mark.parametrize("password", [PASSWORD, "correct horse battery staple", "Xiu9!zhou-desk-blue"])
def test_a_good_password_is_taken(password: str):
    passwords.check(password, username="linmei", name="林梅")


def test_a_password_is_kept_as_argon2id_with_the_chosen_costs(office: Office):
    office.hire("lin")

    with office.database.reading() as tx:
        stored = tx.execute(text("SELECT password_hash FROM staff")).scalar_one()
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_signing_in_opens_a_session_of_which_only_a_hash_is_kept(office: Office):
    office.hire("lin")

    token = sign_in(office, " Lin ")

    assert who(office, token) == "lin"
    with office.database.reading() as tx:
        assert token not in str(tx.execute(select(staff_sessions)).all())
    assert who(office, token + "x") is None


@pytest.mark.parametrize(
    ("username", "password"), [("lin", "wrong password"), ("nobody", PASSWORD), ("lin", "")]
)
def test_what_is_wrong_is_not_told(office: Office, username: str, password: str):
    office.hire("lin")

    with pytest.raises(SignInRefused, match="wrong name or password") as refused:
        sign_in(office, username, password)
    assert refused.value.wait_s == 0


def test_a_name_nobody_has_takes_as_long(office: Office):
    office.hire("lin")
    times: dict[str, list[float]] = {"lin": [], "nobody": []}
    for turn in range(4):
        for username, taken in times.items():
            begin = time.perf_counter()
            with pytest.raises(SignInRefused):
                sign_in(office, username, "wrong password", origin=f"10.0.1.{turn}")
            taken.append(time.perf_counter() - begin)

    assert min(times["nobody"]) > min(times["lin"]) / 2


def test_guessing_at_a_name_gets_slow_from_wherever_it_comes(office: Office):
    office.hire("lin")
    waits = []
    for turn in range(14):
        with pytest.raises(SignInRefused) as refused:
            sign_in(office, password="wrong password", origin=f"10.0.2.{turn}")
        waits.append(refused.value.wait_s)
        office.clock.forward(SECOND * refused.value.wait_s)

    assert waits == [0, 0, 0, 0, 0, 2, 0, 4, 0, 8, 0, 16, 0, 32]


def test_even_the_right_password_waits_its_time(office: Office):
    office.hire("lin")
    for _ in range(tries.FREE_A_NAME):
        with pytest.raises(SignInRefused):
            sign_in(office, password="wrong password")

    with pytest.raises(SignInRefused) as refused:
        sign_in(office)
    office.clock.forward(SECOND * refused.value.wait_s)
    assert who(office, sign_in(office)) == "lin"


def test_a_good_sign_in_is_forgiven_its_tries(office: Office):
    office.hire("lin")
    for _ in range(3):
        for _ in range(tries.FREE_A_NAME - 1):
            with pytest.raises(SignInRefused):
                sign_in(office, password="wrong password")
        sign_in(office)


def test_one_address_that_tries_many_names_gets_slow(office: Office):
    for number in range(tries.FREE_AN_ORIGIN):
        with pytest.raises(SignInRefused) as refused:
            sign_in(office, f"name{number}")
        assert refused.value.wait_s == 0

    with pytest.raises(SignInRefused) as refused:
        sign_in(office, "another")
    assert refused.value.wait_s == 2
    with pytest.raises(SignInRefused) as refused:
        sign_in(office, "another", origin="10.9.9.9")
    assert refused.value.wait_s == 0


def test_no_wait_is_longer_than_five_minutes_and_tries_are_forgotten(office: Office):
    with office.database.transaction() as tx:
        for _ in range(60):
            tries.add(tx, "lin", HERE, now=office.clock())
        assert tries.wait_s(tx, "lin", HERE, now=office.clock()) == tries.LONGEST_WAIT_S
        office.clock.forward(tries.REMEMBERED)
        assert tries.wait_s(tx, "lin", HERE, now=office.clock()) == 0


def test_a_session_ends_when_nothing_is_asked_of_it(office: Office):
    office.hire("lin")
    token = sign_in(office)
    for _ in range(5):
        office.clock.forward(staff.IDLE - SECOND)
        assert who(office, token) == "lin"

    office.clock.forward(staff.IDLE)
    assert who(office, token) is None


def test_a_session_ends_in_any_case_after_a_working_day(office: Office):
    office.hire("lin")
    token = sign_in(office)
    for _ in range(12):
        office.clock.forward(staff.LONGEST_SESSION / 12 - SECOND)
        assert who(office, token) == "lin"

    office.clock.forward(SECOND * 12)
    assert who(office, token) is None


def test_signing_out_ends_this_session_only(office: Office):
    office.hire("lin")
    first, second = sign_in(office), sign_in(office)
    with office.database.transaction() as tx:
        staff.sign_out(tx, first)

    assert (who(office, first), who(office, second)) == (None, "lin")


@pytest.mark.parametrize("change", ["password", "disable", "role", "everywhere"])
def test_what_changes_an_account_ends_all_its_sessions(office: Office, change: str):
    made = office.hire("lin")
    tokens = [sign_in(office), sign_in(office)]
    with office.database.transaction() as tx:
        {
            "password": lambda: staff.set_password(tx, made.id, "另一个很长的密码句子"),
            "disable": lambda: staff.disable(tx, made.id),
            "role": lambda: staff.change(tx, made.id, role=Role.AUDITOR),
            "everywhere": lambda: staff.sign_out_everywhere(tx, made.id),
        }[change]()

    assert [who(office, token) for token in tokens] == [None, None]


def test_a_disabled_account_cannot_sign_in_until_it_is_enabled(office: Office):
    made = office.hire("lin")
    with office.database.transaction() as tx:
        staff.disable(tx, made.id)
    with pytest.raises(SignInRefused):
        sign_in(office)
    with office.database.transaction() as tx:
        staff.enable(tx, made.id)

    assert who(office, sign_in(office)) == "lin"


def test_every_sign_in_has_a_token_of_its_own(office: Office):
    office.hire("lin")

    assert len({sign_in(office) for _ in range(3)}) == 3


def test_ended_sessions_and_old_tries_are_swept_away(office: Office):
    office.hire("lin")
    sign_in(office)
    with pytest.raises(SignInRefused):
        sign_in(office, password="wrong password")
    office.clock.forward(staff.LONGEST_SESSION)
    with office.database.transaction() as tx:
        assert staff.purge_stale(tx, now=office.clock()) == 2


def test_the_desk_is_staffed_by_active_people_who_may_answer(office: Office):
    def staffed() -> bool:
        with office.database.reading() as tx:
            return staff.anybody(tx)

    assert not staffed()
    office.hire("auditor", role=Role.AUDITOR)
    assert not staffed()
    made = office.hire("lin")
    assert staffed()
    with office.database.transaction() as tx:
        staff.disable(tx, made.id)
    assert not staffed()


def test_the_audit_is_filtered_and_paged_newest_first(office: Office):
    with office.database.transaction() as tx:
        for number, action in enumerate(
            ("ticket.claimed", "ticket.closed", "staff.created", "ticket.closed")
        ):
            audit.record(tx, f"staff:{number % 2}", action, f"ticket:{number}", now=office.clock(), n=number)
            office.clock.forward(SECOND)

    with office.database.reading() as tx:
        newest = audit.listing(tx, limit=2)
        assert [entry.detail["n"] for entry in newest] == [3, 2]
        assert [entry.detail["n"] for entry in audit.listing(tx, before_id=newest[-1].id)] == [1, 0]
        assert [entry.detail["n"] for entry in audit.listing(tx, action="ticket.")] == [3, 1, 0]
        assert [entry.detail["n"] for entry in audit.listing(tx, action="ticket.closed")] == [3, 1]
        assert [entry.detail["n"] for entry in audit.listing(tx, actor="staff:0", target="ticket:2")] == [2]
        assert [entry.detail["n"] for entry in audit.listing(tx, until=newest[-1].at)] == [1, 0]
        assert [entry.detail["n"] for entry in audit.listing(tx, since=newest[0].at)] == [3]
