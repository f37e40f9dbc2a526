"""What `describe` proposes for a file never seen: which feed, and which column is which field."""

import pytest

from dashboard.load.describe import describe


def proposed(tmp_path, name: str, text: str) -> tuple[str, dict[str, str]]:
    """The feed, and the column that each field is read from."""
    path = tmp_path / name
    path.write_text(text)
    resource = describe(path)["resources"][0]
    fields = resource["schema"]["fields"]
    found = {f["name"]: f["onesource"]["names"][0] for f in fields if "names" in f["onesource"]}
    return resource["name"], found


def test_an_amount_is_money_and_no_account(tmp_path):
    text = "Date,Department,Supplier,Amount\n01/04/2018,Finance,Alder,100.00\n"
    assert proposed(tmp_path, "spend.csv", text) == (
        "ledger",
        {
            "date": "Date",
            "service_id": "Department",
            "supplier": "Supplier",
            "amount_gbp": "Amount",
        },
    )


def test_a_count_is_a_figure(tmp_path):
    text = "Authority,Location,Period,Count\nNorthby,Library,Apr-23,100\n"
    feed, found = proposed(tmp_path, "visits.csv", text)
    assert (feed, found) in (
        ("performance", {"period": "Period", "council_id": "Authority", "value": "Count"}),
        ("volumes", {"period": "Period", "council_id": "Authority", "quantity": "Count"}),
    )


def test_the_amount_of_a_budget_file_is_the_budget(tmp_path):
    text = (
        "budget_year,department,account_type,fund_code,account_category,amount\n"
        "FY19-20,Mayor,Expense,1010,Civilian Salaries,1381102\n"
    )
    assert proposed(tmp_path, "budget.csv", text) == (
        "costs",
        {
            "period": "budget_year",
            "service_id": "department",
            "cost_type": "account_category",
            "budget_gbp": "amount",
        },
    )


@pytest.mark.parametrize("heading", ["Account", "Cost type", "Supplier", "Measure"])
def test_a_text_field_never_takes_a_column_of_numbers(tmp_path, heading):
    text = f"Date,Directorate,Net amount,{heading}\n01/04/2018,Finance,100.00,1010\n"
    feed, found = proposed(tmp_path, "a.csv", text)
    assert feed == "ledger"
    assert found == {"date": "Date", "service_id": "Directorate", "amount_gbp": "Net amount"}


def test_a_heading_that_holds_a_word_within_another_is_not_taken_for_it(tmp_path):
    text = "Month,Directorate,Council,KPI,Discount,Score\nApr-18,ICT,Northby,Calls,1,5\n"
    feed, found = proposed(tmp_path, "a.csv", text)
    assert (feed, found["value"]) == ("performance", "Score")
