-- Money: the ledger by month, budgets and actuals, volumes of work, and cost shares.

-- Grain: one row per service, council, cost type and month. What pages read of the ledger.
create or replace table ledger_monthly as
select
    month,
    service_id,
    council_id,
    cost_type,
    sum(lines)::bigint as lines,
    sum(amount_gbp)::decimal(38, 2) as amount_gbp,
    bool_or(is_illustrative) as is_illustrative
from staging.ledger_sums
group by month, service_id, council_id, cost_type;

-- Grain: one row per service, council, cost type, budget block and period. A workspace with a ledger
-- and no budgets has its actuals from the ledger. What the costs feed has of a period that is not over
-- (open_months) is left out.
-- Columns: is_plan   the row has no actual, and shorter ones within it have theirs: a year's budget
--                    beside months. It says that they are due, and reports none of them
create or replace table costs as
with exported as (
    select
        period,
        period_kind,
        period_start,
        period_end as month,
        service_id,
        council_id,
        cost_type,
        budget_block,
        budget_gbp,
        forecast_gbp,
        -- What was spent in a month that is not over is not what the month cost; nor in a quarter.
        case when datediff('day', (select as_of from workspace), last_day(period_end)) > 3 then null else actual_gbp end
            as actual_gbp,
        source,
        is_illustrative and source is null as is_illustrative
    from staging.costs
    union all
    select
        strftime(month, '%Y-%m'), 'month', month, month, service_id, council_id, cost_type, null, null, null,
        amount_gbp, null, is_illustrative
    from ledger_monthly
    where not exists (from staging.costs)
)
, plans as (
    select distinct p.service_id, p.council_id, p.cost_type, p.budget_block, p.period_start, p.month
    from exported as p
    inner join exported as r
        on r.service_id = p.service_id and r.council_id = p.council_id
        and r.period_start >= p.period_start and r.month <= p.month
        and datediff('month', r.period_start, r.month) < datediff('month', p.period_start, p.month)
        -- What names no cost type or block is of all.
        and (p.cost_type is null or r.cost_type = p.cost_type)
        and (p.budget_block is null or r.budget_block = p.budget_block)
    where p.actual_gbp is null and r.actual_gbp is not null
)
select
    e.*,
    exists (
        from plans as p
        where p.service_id = e.service_id and p.council_id = e.council_id
            and p.period_start = e.period_start and p.month = e.month
            and p.cost_type is not distinct from e.cost_type
            and p.budget_block is not distinct from e.budget_block
    ) and e.actual_gbp is null as is_plan,
    (year(month) - (month(month) < 4)::integer)::varchar
        || '-' || right((year(month) + (month(month) >= 4)::integer)::varchar, 2) as financial_year,
    make_date(year(month) - (month(month) < 4)::integer, 4, 1) as year_start
from exported as e;

-- kind: flow, level or headcount. is_main: the unit by which the service's cost is told; where none is
-- named, the one that is reported most.
create or replace table volumes as
with units as (
    select service_id, unit, row_number() over (partition by service_id order by count(*) desc, unit) as nth
    from staging.volumes
    group by service_id, unit
)
select
    v.period,
    v.period_kind,
    v.period_end as month,
    v.service_id,
    v.council_id,
    v.unit,
    v.quantity,
    coalesce(v.kind, 'flow') as kind,
    coalesce(v.unit = s.main_unit, u.nth = 1) as is_main,
    v.is_illustrative
from staging.volumes as v
inner join units as u using (service_id, unit)
left join staging.services as s using (service_id);

create or replace table cost_shares as
select year as financial_year, year_start as from_month, year_end as to_month, service_id, council_id,
    share, source, is_illustrative and source is null as is_illustrative
from staging.cost_shares;
