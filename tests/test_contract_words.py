"""Words of a contract that change what a file means are heeded, or refused by name."""

from datetime import date
from pathlib import Path

import pytest

from dashboard.load.contract import ContractError, parse_contract
from dashboard.load.periods import read_column
from dashboard.load.publish import LoadRefused, load
from tests.small_workspaces import FIGURE_FIELDS, LEDGER_FIELDS, figures, ledger, package, rows

# Times with a zone


MOMENTS = (
    ("2018-03-31T23:00:00Z", date(2018, 4, 1)),
    ("2018-03-31T23:00:00+00:00", date(2018, 4, 1)),
    ("2018-04-01T00:00:00+0100", date(2018, 4, 1)),
    ("2018-03-31T22:30:00.000Z", date(2018, 3, 31)),
    ("2018-03-31 23:00:00 UTC", date(2018, 4, 1)),
    ("2018-03-31 23:00:00 +0000 UTC", date(2018, 4, 1)),
    ("2018-12-31T23:30:00-01:00", date(2019, 1, 1)),
    ("2018-12-31T23:30:00Z", date(2018, 12, 31)),
    ("2018-03-31T23:00:00", date(2018, 3, 31)),
    ("2018-03-31", date(2018, 3, 31)),
)


@pytest.mark.parametrize("form", ["any", "default"])
def test_a_time_with_a_zone_falls_on_its_day_in_the_united_kingdom(plant, either_reader, form):
    fields = [LEDGER_FIELDS[0] | {"format": form}, *LEDGER_FIELDS[1:]]
    lines = [f"{text},Supplier {n},{n}.00" for n, (text, _) in enumerate(MOMENTS)]
    workspace = plant(
        ledger(schema={"fields": fields}), a="\n".join(["Date,Supplier,Amount", *lines, ""])
    )
    report = load(workspace)
    assert [day for (day,) in rows(workspace, report, "select date from ledger order by 1, 1")] == (
        sorted(day for _, day in MOMENTS)
    )
    found = rows(workspace, report, "select supplier, date from ledger")
    assert dict(found) == {f"Supplier {n}": day for n, (_, day) in enumerate(MOMENTS)}
    said = [note for f in report.files for note in f.notes]
    assert len(said) == 1 and "8 times with a zone were read by the clocks of the United" in said[0]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%Y-%m-%dT%H:%M:%SZ", "2018-03-31T23:00:00Z"),
        ("%Y-%m-%dT%H:%M:%S%z", "2018-03-31T23:00:00+0000"),
        ("%d/%m/%Y %H:%M %Z", "31/03/2018 23:00 GMT"),
    ],
)
def test_so_does_one_of_a_declared_pattern(plant, either_reader, form, text):
    fields = [LEDGER_FIELDS[0] | {"format": form}, *LEDGER_FIELDS[1:]]
    workspace = plant(
        ledger(schema={"fields": fields}), a=f"Date,Supplier,Amount\n{text},Birch,250.00\n"
    )
    report = load(workspace)
    assert rows(workspace, report, "select date from ledger") == [(date(2018, 4, 1),)]


def test_months_that_begin_in_utc_are_the_months_of_the_united_kingdom(plant, either_reader):
    text = (
        "Month,Value\n2018-03-01T00:00:00.000Z,91\n2018-03-31T23:00:00.000Z,92\n"
        "2018-04-30T23:00:00.000Z,93\n2018-11-01T00:00:00.000Z,95\n"
    )
    workspace = plant(figures(), a=text)
    report = load(workspace)
    found = rows(workspace, report, "select period, value from performance order by period")
    assert found == [("2018-03", 91), ("2018-04", 92), ("2018-05", 93), ("2018-11", 95)]
    assert "period: 4 times with a zone" in report.files[1].notes[0]


def test_times_without_a_zone_are_read_as_they_stand_and_nothing_is_said(plant, either_reader):
    workspace = plant(ledger(), a="Date,Supplier,Amount\n31/03/2018 23:00,Birch,250.00\n")
    report = load(workspace)
    assert rows(workspace, report, "select date from ledger") == [(date(2018, 3, 31),)]
    assert report.files[1].notes == []


# Words that are heeded


def test_a_fields_own_missing_values_stand_in_place_of_the_schemas(plant, either_reader):
    fields = [*FIGURE_FIELDS[:-1], FIGURE_FIELDS[-1] | {"missingValues": ["99999"]}]
    workspace = plant(
        figures(schema={"fields": fields, "missingValues": ["-"]}),
        a="Month,Value\n2023-01,71\n2023-02,99999\n2023-03,\n2023-04,-\n2023-05,73\n",
    )
    report = load(workspace)
    found = rows(workspace, report, "select period, value from performance order by period")
    assert found == [("2023-01", 71), ("2023-02", None), ("2023-03", None), ("2023-05", 73)]
    assert [(p["line"], p["value"]) for p in report.problems] == [(5, "-")]


def test_a_ledgers_field_has_missing_values_of_its_own(plant, either_reader):
    fields = [
        *LEDGER_FIELDS[:3],
        LEDGER_FIELDS[3] | {"missingValues": ["REDACTED"]},
        LEDGER_FIELDS[4],
    ]
    workspace = plant(
        ledger(schema={"fields": fields}),
        a="Date,Supplier,Amount\n2018-04-01,REDACTED,5.00\n2018-04-02,Birch,6.00\n",
    )
    report = load(workspace)
    found = rows(workspace, report, "select supplier, amount_gbp from ledger order by 2")
    assert [s for s, _ in found] == [None, "Birch"]


def test_lines_of_comment_are_skipped_and_counted(plant, either_reader):
    workspace = plant(
        ledger(dialect={"commentChar": "#"}),
        a="# Date,Supplier,Amount\nDate,Supplier,Amount\n2018-04-01,Alder,5.00\n"
        '#2018-04-02,"Birch,6.00\n2018-04-03,Cedar,7.00\n',
    )
    report = load(workspace)
    assert rows(workspace, report, "select supplier from ledger order by 1") == [
        ("Alder",),
        ("Cedar",),
    ]
    account = report.files[1]
    assert (account.header_lines, account.skipped, account.lines) == (2, {"comment": 1}, 5)


def test_rows_of_comment_are_known_by_number(plant):
    workspace = plant(
        ledger(dialect={"commentRows": [2]}),
        a="Date,Supplier,Amount\ndd/mm/yyyy,text,pounds\n2018-04-01,Alder,5.00\n",
    )
    assert load(workspace).files[1].skipped == {"comment": 1}


def test_a_space_before_a_quotation_mark_is_skipped_where_the_contract_says_so(
    plant, either_reader
):
    workspace = plant(
        ledger(dialect={"skipInitialSpace": True}),
        a='Date, "Supplier", Amount\n2018-04-01, "Alder, Print", 5.00\n',
    )
    report = load(workspace)
    assert rows(workspace, report, "select supplier from ledger") == [("Alder, Print",)]


def test_a_null_sequence_is_a_missing_value(plant, either_reader):
    workspace = plant(
        ledger(dialect={"nullSequence": "\\N"}),
        a="Date,Supplier,Amount\n2018-04-01,\\N,5.00\n",
    )
    report = load(workspace)
    assert rows(workspace, report, "select supplier from ledger") == [(None,)]


def test_the_format_of_a_period_field_is_the_form_of_its_dates(plant, either_reader):
    fields = [FIGURE_FIELDS[0] | {"type": "date", "format": "%m/%d/%Y"}, *FIGURE_FIELDS[1:]]
    workspace = plant(figures(schema={"fields": fields}), a="Month,Value\n04/05/2018,7\n")
    report = load(workspace)
    assert rows(workspace, report, "select period from performance") == [("2018-04",)]


def test_categories_are_the_only_values_allowed(plant):
    fields = [*FIGURE_FIELDS, {"name": "status", "categories": ["final", "provisional"]}]
    workspace = plant(
        figures(schema={"fields": fields}),
        a="Month,Value,status\n2018-04,7,final\n2018-05,8,finale\n2018-06,8,final\n",
    )
    report = load(workspace)
    assert [(p["line"], p["expected"]) for p in report.problems] == [
        (3, "one of final, provisional")
    ]


# Words that are refused by name


def refused(*resources: dict, **words: object) -> str:
    with pytest.raises(ContractError) as error:
        parse_contract(package(*resources) | words, Path("datapackage.json"))
    return str(error.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"dialect": {"quoteChar": "'"}}, 'quoteChar "\'": only the double quotation mark'),
        ({"dialect": {"doubleQuote": False}}, "'doubleQuote' false"),
        ({"dialect": {"escapeChar": "\\"}}, "'escapeChar' is not read here"),
        ({"dialect": {"lineTerminator": "|"}}, "lines end in CR, LF or both"),
        ({"dialect": {"headerJoin": " "}}, "'headerJoin' is not read here"),
        ({"dialect": {"caseSensitiveHeader": True}}, "'caseSensitiveHeader' true"),
        ({"dialect": {"commentchar": "#"}}, "no word 'commentchar'; did you mean 'commentChar'?"),
        ({"dialect": {"property": "rows"}}, "only CSV files are read"),
        ({"dialect": "dialect.json"}, "'dialect' has to stand here"),
        ({"schema": "https://example.org/schema.json"}, "'schema' has to stand here"),
        ({"path": "https://example.org/a.csv"}, "is an address"),
        ({"format": "xlsx"}, "format 'xlsx': only CSV files are read"),
        ({"mediatype": "application/json"}, "only CSV files are read"),
        ({"compression": "gz"}, "compressed files are not read"),
        ({"type": "json"}, "only tables are read"),
        ({"missingValues": ["-"]}, "'missingValues' is not read here: it stands in the resource's"),
        ({"delimiter": ";"}, "it stands in the resource's 'dialect'"),
        ({"encodings": "utf-8"}, "no word 'encodings'; did you mean 'encoding'?"),
    ],
)
def test_a_resources_word_that_is_not_heeded_is_refused_with_what_is(given, said):
    assert said in refused(ledger(**given))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fieldsMatch": "exact"}, "fieldsMatch 'exact' is not how columns are found"),
        ({"fieldsMatch": ["subset"]}, "it may be 'partial'"),
        ({"primaryKey": "supplier"}, "primaryKey supplier is not checked for this feed"),
        ({"uniqueKeys": [["date", "supplier"]]}, "uniqueKeys date, supplier is not checked"),
        (
            {"foreignKeys": [{"fields": "supplier", "reference": {"resource": "suppliers"}}]},
            "the foreign key supplier is not checked",
        ),
        ({"missingvalues": ["-"]}, "no word 'missingvalues'; did you mean 'missingValues'?"),
    ],
)
def test_so_is_one_of_the_schema(given, said):
    assert said in refused(ledger(schema={"fields": LEDGER_FIELDS} | given))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"constraints": {"exclusiveMaximum": 5}}, "'exclusiveMaximum' is not read here"),
        ({"constraints": {"maximun": 5}}, "no word 'maximun'; did you mean 'maximum'?"),
        ({"required": True}, "it stands in the field's 'constraints'"),
        ({"suppressed": ["*"]}, "it stands in the field's 'onesource'"),
        ({"missingValue": "-"}, "did you mean 'missingValues'?"),
        ({"format": "currency"}, "format 'currency' is not looked at for a money"),
        ({"categories": [{"value": "1", "label": "Yes"}]}, "labels of 'categories' are not read"),
        ({"bareNumber": "no"}, "'bareNumber' is true or false"),
    ],
)
def test_so_is_one_of_a_field(given, said):
    fields = [*LEDGER_FIELDS[:-1], LEDGER_FIELDS[-1] | given]
    assert said in refused(ledger(schema={"fields": fields}))


def test_so_is_one_of_the_package():
    assert "'missingValues' is not read here" in refused(missingValues=["-"])
    assert "no word 'resource'; did you mean 'resources'?" in refused(resource=[])


def test_words_that_only_describe_and_words_of_others_pass():
    described = ledger(
        profile="tabular-data-resource",
        format="csv",
        mediatype="text/csv; charset=utf-8",
        bytes=12,
        hash="sha256:00",
        homepage="https://example.org",
        dialect={"$schema": "x", "csvddfVersion": 1.2, "doubleQuote": True, "quoteChar": '"'},
        schema={
            "$schema": "x",
            "fieldsMatch": ["partial"],
            "fields": [
                *LEDGER_FIELDS[:-1],
                LEDGER_FIELDS[-1] | {"example": "1.00", "rdfType": "x", "x-unit": "pounds"},
            ],
        },
    )
    described["dcat:theme"] = "money"
    given = package(described) | {"$schema": "x", "_note": "mine", "version": "1.0"}
    assert parse_contract(given, Path("datapackage.json")).name == "small"


def test_a_blank_cell_can_be_given_a_meaning(plant, either_reader):
    fields = [
        LEDGER_FIELDS[0],
        {"name": "service_id", "onesource": {"names": ["Service"], "values": {"": "not_given"}}},
        *LEDGER_FIELDS[2:3],
        LEDGER_FIELDS[4],
    ]
    workspace = plant(
        ledger(schema={"fields": fields}),
        a="Date,Service,Amount\n2018-04-01,Parks,10.00\n2018-04-02,,20.00\n2018-04-03,Parks,30.00\n",
    )
    report = load(workspace)
    assert rows(
        workspace, report, "select service_id, sum(amount_gbp) from ledger group by 1 order by 1"
    ) == [("Parks", 40), ("not_given", 20)]


# Periods


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2023-04-01/P1M", "2023-04"),
        ("2023-04-01/P3M", "2023-24 Q1"),
        ("2023-04-01/P1Y", "2023-24"),
        ("2023-01-01/P1Y", "2023"),
        ("2023-04/P3M", "2023-24 Q1"),
        ("2023-04-01/P30D", "2023-04"),
        ("2023-04-01/2023-04-30", "2023-04"),
        ("2023-04-01/2023-05-01", "2023-04"),
        ("2023-04-01/30", "2023-04"),
        ("2023-04/2023-06", "2023-24 Q1"),
        ("2023-03-31T23:00:00Z/P1M", "2023-04"),
        ("2023-03-31T23:00:00Z/2023-04-30T23:00:00Z", "2023-04"),
        ("01/04/2018 - 30/06/2018", "2018-19 Q1"),
        ("1 April 2018 to 31 March 2019", "2018-19"),
        ("2023-04-15/P1M", None),
        ("2023-05-01/P3M", None),
        ("2023-04-01/P1W", None),
        ("2023-04-01/2023-06-15", None),
        ("4 2023", "2023-04"),
        ("2023 4", "2023-04"),
        ("04 2023", "2023-04"),
        ("2023.0 4.0", "2023-04"),
        ("13 2023", None),
    ],
)
def test_a_stretch_of_days_is_a_period_where_it_is_whole_months(text, label):
    found = read_column([text])[text]
    assert (found.label if found else None) == label


@pytest.mark.parametrize(
    ("headings", "cells", "label"),
    [
        (["Month", "Year"], ["4", "2023"], "2023-04"),
        (["Year", "Month"], ["2023", "04"], "2023-04"),
        (["Mth", "Financial year"], ["4", "2018/19"], "2018-04"),
        (["Month", "Financial year"], ["1", "2018/19"], "2019-01"),
        (["Financial year", "Period"], ["2018/19", "4"], "2018-07"),
        (["Financial year", "Period"], ["2018/19", "P4"], "2018-07"),
        (["Financial year", "Quarter"], ["2018/19", "4"], "2018-19 Q4"),
        (["Mon", "Year"], ["Apr", "2023"], "2023-04"),
    ],
)
def test_what_a_number_beside_its_year_is_its_heading_says(
    plant, either_reader, headings, cells, label
):
    fields = [{"name": "period", "onesource": {"join": headings}}, *FIGURE_FIELDS[1:]]
    text = f"{','.join(headings)},Value\n{','.join(cells)},7\n"
    workspace = plant(figures(schema={"fields": fields}), a=text)
    report = load(workspace)
    assert rows(workspace, report, "select period from performance") == [(label,)]


@pytest.mark.parametrize(
    ("headings", "cells"),
    [
        (["Period", "Year"], ["4", "2018"]),
        (["No", "Year"], ["4", "2018"]),
        (["No", "Year"], ["4", "2018/19"]),
    ],
)
def test_a_number_that_may_be_a_month_or_a_period_is_asked_for(plant, headings, cells):
    fields = [{"name": "period", "onesource": {"join": headings}}, *FIGURE_FIELDS[1:]]
    text = f"{','.join(headings)},Value\n{','.join(cells)},7\n"
    workspace = plant(figures(schema={"fields": fields}), a=text)
    with pytest.raises(LoadRefused) as refusal:
        load(workspace)
    assert '"period": {"numbers": "months"}, "periods" or "quarters"' in str(refusal.value)
    fields[0]["onesource"]["period"] = {"numbers": "periods"}
    report = load(plant(figures(schema={"fields": fields})))
    assert rows(workspace, report, "select period from performance") == [("2018-07",)]
