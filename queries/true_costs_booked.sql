-- Does true cost add up to what was booked, in the costs feed and in the ledger, for each service?
--
-- Grain:       one row per service; service_id null is all services together
-- Parameters:  $from_month, $to_month    first and last month, inclusive
-- Columns:     true_cost_gbp, booked_gbp   pounds over all councils
--              ledger_gbp          pounds of the ledger; null where it has no line of the service

with true_costs as (
    select
        service_id,
        true_cost_gbp,
        booked_gbp,
        null as ledger_gbp
    from true_costs
    where month between $from_month and $to_month
)
, ledger_monthly as (
    select
        service_id,
        null as true_cost_gbp,
        null as booked_gbp,
        amount_gbp as ledger_gbp
    from ledger_monthly
    where month between $from_month and $to_month
)
, all_three as (
    select * from true_costs
    union all
    select * from ledger_monthly
)

select
    service_id,
    sum(true_cost_gbp) as true_cost_gbp,
    sum(booked_gbp) as booked_gbp,
    sum(ledger_gbp) as ledger_gbp
from all_three
group by grouping sets ((service_id), ())
order by service_id
