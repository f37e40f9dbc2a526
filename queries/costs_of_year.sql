-- How does the financial year stand against budget, forecast and the year before, however it is split?
--
-- Grain:       one row per part of a split (service_id, council_id, cost_type, budget_block); what is
--              null is all of it together. Split by each of the four, by council and block, and whole
-- Parameters:  $service_id                one service, or null for all
--              $council_ids               list of councils
--              $cost_type, $budget_block  one of each, '' for what names none, or null for all
--              $to_month                  the last month counted
-- Columns:     financial_year      text, of the last month with costs up to $to_month
--              from_month, to_month   dates, April to that month
--              budget_gbp, actual_gbp, year_before_gbp   pounds, in these months
--              year_budget_gbp     pounds, of the whole year; null where its budgets stop before March
--              forecast_gbp        pounds, of the year's outturn, as last reported for the parts that
--                                  have one (see the table cost_forecasts); forecast_month says when
--              unbudgeted, unreported   counts of rows that have an actual and no budget, and no actual
--              unforecast          count of parts without a forecast in that month

with costs as (
    select
        service_id, council_id, month, financial_year, year_start, budget_gbp, actual_gbp,
        coalesce(cost_type, '') as cost_type,
        coalesce(budget_block, '') as budget_block
    from costs
    where council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and ($cost_type is null or coalesce(cost_type, '') = $cost_type)
        and ($budget_block is null or coalesce(budget_block, '') = $budget_block)
)
, forecasts as (
    select * from cost_forecasts
    where month <= $to_month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and ($cost_type is null or cost_type = $cost_type)
        and ($budget_block is null or budget_block = $budget_block)
)
, last_month as (
    select max(month) as month from costs where actual_gbp is not null and month <= $to_month
)
, last_year as (
    select distinct c.financial_year, c.year_start, l.month as to_month
    from costs as c
    inner join last_month as l on l.month = c.month
)
, budgets as (
    select extract(month from max(c.month)) = 3 as are_whole
    from costs as c
    inner join last_year as y on y.financial_year = c.financial_year
    where c.budget_gbp is not null
)
, last_forecast as (
    select max(f.month) as month
    from forecasts as f
    inner join last_year as y on y.financial_year = f.financial_year
    where f.forecast_gbp is not null
)
, now as (
    select
        c.service_id, c.council_id, c.cost_type, c.budget_block,
        c.budget_gbp, c.actual_gbp, null as year_before_gbp, null as year_budget_gbp,
        null as forecast_gbp, null as forecast_month,
        case when c.budget_gbp is null and c.actual_gbp is not null then 1 else 0 end as unbudgeted,
        case when c.actual_gbp is null then 1 else 0 end as unreported,
        0 as unforecast
    from costs as c
    inner join last_year as y on y.financial_year = c.financial_year and c.month <= y.to_month
)
, before as (
    select
        c.service_id, c.council_id, c.cost_type, c.budget_block,
        null, null, c.actual_gbp, null, null, null, 0, 0, 0
    from costs as c
    inner join last_year as y
        on c.month between y.year_start - interval '12' month and y.to_month - interval '12' month
)
, whole as (
    select
        c.service_id, c.council_id, c.cost_type, c.budget_block,
        null, null, null, c.budget_gbp, null, null, 0, 0, 0
    from costs as c
    inner join last_year as y on y.financial_year = c.financial_year
    inner join budgets as b on b.are_whole
)
, forecast as (
    select
        f.service_id, f.council_id, f.cost_type, f.budget_block,
        null, null, null, null, f.forecast_gbp, f.month, 0, 0,
        case when f.forecast_gbp is null then 1 else 0 end
    from forecasts as f
    inner join last_forecast as l on l.month = f.month
)
, figures as (
    select * from now
    union all
    select * from before
    union all
    select * from whole
    union all
    select * from forecast
)

select
    f.service_id,
    f.council_id,
    f.cost_type,
    f.budget_block,
    max(y.financial_year) as financial_year,
    max(y.year_start) as from_month,
    max(y.to_month) as to_month,
    sum(f.budget_gbp) as budget_gbp,
    sum(f.actual_gbp) as actual_gbp,
    sum(f.year_before_gbp) as year_before_gbp,
    sum(f.year_budget_gbp) as year_budget_gbp,
    sum(f.forecast_gbp) as forecast_gbp,
    max(f.forecast_month) as forecast_month,
    sum(f.unbudgeted) as unbudgeted,
    sum(f.unreported) as unreported,
    sum(f.unforecast) as unforecast
from figures as f
cross join last_year as y
group by grouping sets (
    (f.service_id), (f.council_id), (f.cost_type), (f.budget_block), (f.council_id, f.budget_block), ()
)
order by f.service_id, f.council_id, f.cost_type, f.budget_block
