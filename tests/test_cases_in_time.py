"""Cases answered in time, counted from the two dates that a file of cases has."""

from datetime import date

import pytest

from dashboard.load.contract import ContractError
from dashboard.load.publish import LoadRefused, load
from dashboard.load.working_days import bank_holidays, due_by
from tests.small_workspaces import FIGURE_FIELDS, figures, rows


def cases(by: str = "Received", denominator: object = True, **how: object) -> dict:
    days = {"days": ["Received", "Answered"], "within": 28} | how
    return figures(
        schema={
            "fields": [
                {"name": "period", "onesource": {"names": [by]}},
                *FIGURE_FIELDS[1:4],
                {"name": "numerator", "type": "number", "onesource": {"count": days}},
                {"name": "denominator", "type": "number", "onesource": {"count": denominator}},
            ]
        }
    )


def counted(workspace, report) -> list[tuple]:
    return rows(
        workspace, report, "select period, numerator, denominator from performance order by period"
    )


HEADER = "Ref,Received,Answered\n"


def test_an_answer_on_the_last_day_is_in_time_and_one_a_day_later_is_not(plant, either_reader):
    text = f"{HEADER}1,02/04/2018,30/04/2018\n2,02/04/2018,01/05/2018\n3,03/05/2018,03/05/2018\n"
    workspace = plant(cases(), a=text)
    report = load(workspace)
    assert counted(workspace, report) == [("2018-04", 1, 2), ("2018-05", 1, 1)]


def test_cases_may_be_counted_in_the_month_of_the_answer(plant, either_reader):
    text = f"{HEADER}1,02/04/2018,30/04/2018\n2,02/04/2018,01/05/2018\n"
    workspace = plant(cases(by="Answered"), a=text)
    report = load(workspace)
    assert counted(workspace, report) == [("2018-04", 1, 1), ("2018-05", 0, 1)]


def test_twenty_working_days_leave_out_weekends_and_bank_holidays(plant, either_reader):
    # Received on Thursday before Easter 2018: both holidays and the early May one fall within.
    text = f"{HEADER}1,29/03/2018,30/04/2018\n2,29/03/2018,01/05/2018\n"
    workspace = plant(cases(within=20, working=True), a=text)
    report = load(workspace)
    assert counted(workspace, report) == [("2018-03", 1, 2)]


def test_open_cases_are_in_no_count_unless_the_contract_says_when_they_stand(plant, either_reader):
    text = f"{HEADER}1,02/04/2018,03/04/2018\n2,02/04/2018,\n3,30/04/2018,\n"
    workspace = plant(cases(), a=text)
    report = load(workspace)
    assert counted(workspace, report) == [("2018-04", 1, 1)]
    assert report.files[1].skipped == {"open case: not answered, and not known to be overdue": 2}


@pytest.mark.parametrize(("as_of", "parts"), [("2018-04-30", (1, 1)), ("2018-05-01", (1, 2))])
def test_an_open_case_is_missed_once_it_was_due(plant, either_reader, as_of, parts):
    text = f"{HEADER}1,02/04/2018,03/04/2018\n2,02/04/2018,\n3,30/04/2018,\n"
    workspace = plant(cases(as_of=as_of), a=text)
    report = load(workspace)
    assert counted(workspace, report) == [("2018-04", *parts)]


def test_cases_whose_dates_do_not_hold_are_set_aside_with_the_reason(plant, either_reader):
    text = (
        f"{HEADER}1,02/04/2018,03/04/2018\n2,02/04/2018,01/04/2018\n3,02/04/2018,soon\n"
        "4,02/04/2018,05/04/2018\n"
    )
    workspace = plant(cases(), a=text)
    report = load(workspace)
    assert counted(workspace, report) == [("2018-04", 2, 2)]
    assert [(p["line"], p["value"], p["reason"]) for p in report.problems] == [
        (3, "02/04/2018 to 01/04/2018", "answered before it came"),
        (4, "02/04/2018 to soon", "the second date is not a date"),
    ]


def test_without_the_column_of_answers_the_file_is_refused(plant, either_reader):
    workspace = plant(cases(), a="Ref,Received\n1,02/04/2018\n")
    with pytest.raises(LoadRefused) as refusal:
        load(workspace)
    assert "the header lacks 'Received or Answered'" in str(refusal.value)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"days": ["Received"]}, "names the column of receipt, that of the answer"),
        ({"within": None}, "within how many days"),
        ({"worked": True}, "no word 'worked'; did you mean 'working'?"),
    ],
)
def test_a_contract_that_says_it_wrongly_is_told_how(plant, how, said):
    with pytest.raises(ContractError) as error:
        load(plant(cases(**how), a=HEADER))
    assert said in str(error.value)


# As gov.uk/bank-holidays and its archive list them for England.
PUBLISHED = {
    2011: "01-03 04-22 04-25 04-29 05-02 05-30 08-29 12-26 12-27",
    2012: "01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26",
    2016: "01-01 03-25 03-28 05-02 05-30 08-29 12-26 12-27",
    2018: "01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26",
    2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
    2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_bank_holidays_are_those_published(year):
    listed = {date.fromisoformat(f"{year}-{day}") for day in PUBLISHED[year].split()}
    assert bank_holidays(year) == listed


def test_a_request_that_comes_on_a_friday_is_due_four_weeks_later():
    assert due_by(date(2018, 6, 1), 20) == date(2018, 6, 29)
    with pytest.raises(ValueError, match="bank holidays of 2031"):
        due_by(date(2030, 12, 31), 20)
