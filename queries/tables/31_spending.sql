-- What stands behind the costs: spending by supplier, and what was forecast of each year.

-- Grain: one row per file of the ledger, month, service, council, cost type and supplier. What pages
-- read of the ledger on the way to its lines: cost_type and supplier are '' where it names none.
-- A view, because the sums of each file are kept anyway, and where a month has one file they are these.
create or replace view supplier_monthly as
select
    file_id,
    month,
    service_id,
    council_id,
    coalesce(cost_type, '') as cost_type,
    coalesce(supplier, '') as supplier,
    lines,
    amount_gbp
from supplier_sums;

-- Grain: one row per month in which anything was forecast, and service, council, cost type and budget
-- block that had a budget or spent anything in its financial year.
--
-- forecast_gbp   of the year's outturn, as reported in that month. Of a part whose last row of the
--                year lies before that month, what it had cost by then: it has ended, and is known.
--                Null where it is neither.
-- outturn_gbp    what the whole year came to: null while the year lasts, or where an actual is missing
create or replace table cost_forecasts as
with parts as (
    select
        financial_year, service_id, council_id, cost_type, budget_block, month, forecast_gbp, actual_gbp,
        is_lacking
    from costs_whole
),
reported as (
    select distinct financial_year, month from parts where forecast_gbp is not null
),
ended as (
    select distinct financial_year from parts where actual_gbp is not null and month(month) = 3
),
years as (
    select
        financial_year, service_id, council_id, cost_type, budget_block,
        max(month) as last_month,
        case when count(*) filter (is_lacking) = 0 then sum(actual_gbp) end as known_gbp
    from parts
    group by financial_year, service_id, council_id, cost_type, budget_block
)
select
    y.financial_year,
    r.month,
    y.service_id,
    y.council_id,
    y.cost_type,
    y.budget_block,
    coalesce(p.forecast_gbp, case when y.last_month < r.month then y.known_gbp end)::decimal(38, 2)
        as forecast_gbp,
    case when e.financial_year is not null then y.known_gbp end::decimal(38, 2) as outturn_gbp
from years as y
inner join reported as r on r.financial_year = y.financial_year
left join ended as e on e.financial_year = y.financial_year
left join parts as p
    on p.forecast_gbp is not null
    and p.month = r.month and p.service_id = y.service_id and p.council_id = y.council_id
    and p.cost_type = y.cost_type and p.budget_block = y.budget_block
order by y.financial_year, r.month, y.service_id;
