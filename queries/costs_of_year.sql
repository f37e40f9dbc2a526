-- How does the financial year stand against budget, forecast and the year before, however it is split?
--
-- Grain:       one row per part of a split (service_id, council_id, cost_type, budget_block); what is
--              null is all of it together. Split by each of the four, by council and block, and whole
-- Parameters:  $service_id                one service, or null for all
--              $council_ids               list of councils
--              $cost_type, $budget_block  one of each, '' for what names none, or null for all
--              $to_month                  the last month counted
-- Columns:     financial_year      text, of the last month with costs up to $to_month
--              from_month, to_month   dates, from April, or the first month reported after it, to
--                                  that month
--              budget_gbp, actual_gbp, year_before_gbp   pounds, in these months; the year before up
--                                  to the same day where the last is open; null where any part
--                                  that was due is not there
--              reported_gbp        pounds, of what was reported, whole or not
--              matched_budget_gbp, matched_actual_gbp    pounds, of what has a budget and an actual
--              like_gbp, like_year_before_gbp   pounds, of the services and councils that were due in
--                                  the same months of both years; null where either is not whole
--              year_budget_gbp     pounds, of the whole year; null where a budget of it is not there
--              forecast_gbp        pounds, of the year's outturn, as last reported for the parts that
--                                  have one (see the table cost_forecasts); forecast_month says when
--              unbudgeted, unreported   counts of parts and months that have an actual and no budget,
--                                  and that lack an actual that was due: sums are whole without any
--              before_unreported   count of those that lack one in the same months a year before, or
--                                  come by a quarter or a year that was not over by then
--              is_like             whether the same services and councils were due in the same months
--                                  of both years
--              unforecast          count of parts without a forecast in that month

with chosen as (
    select * from costs_whole
    where council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and ($cost_type is null or cost_type = $cost_type)
        and ($budget_block is null or budget_block = $budget_block)
)
, forecasts as (
    select * from cost_forecasts
    where month <= $to_month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and ($cost_type is null or cost_type = $cost_type)
        and ($budget_block is null or budget_block = $budget_block)
)
, cost_months as (
    select service_id, council_id, month from cost_months
    where council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
)
, last_month as (
    select max(month) as month from chosen where actual_gbp is not null and month <= $to_month
)
, last_year as (
    select distinct c.financial_year, c.year_start, l.month as to_month
    from chosen as c
    inner join last_month as l on l.month = c.month
)
, unlike as (
    select distinct u.service_id, u.council_id
    from unlike_months as u
    inner join last_year as y on u.kind = 'costs' and u.month between y.year_start and y.to_month
)
-- Budgets of a year that stop before the cost does, or before March, are not the year's.
, budget_ends as (
    select c.service_id, c.council_id, max(c.month) as month
    from chosen as c
    inner join last_year as y on y.financial_year = c.financial_year
    where c.budget_gbp is not null
    group by c.service_id, c.council_id
)
, short_budgets as (
    select count(*) as parts
    from budget_ends as b
    left join (
        select m.service_id, m.council_id, max(m.month) as month
        from cost_months as m
        inner join last_year as y on m.month between y.year_start and y.year_start + interval '11' month
        group by m.service_id, m.council_id
    ) as d on d.service_id = b.service_id and d.council_id = b.council_id
    where b.month < d.month
)
, budgets as (
    select extract(month from max(b.month)) = 3 and max(s.parts) = 0 as are_whole
    from budget_ends as b
    cross join short_budgets as s
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
        c.budget_gbp, c.actual_gbp as reported_gbp, null as year_before_gbp,
        case when c.actual_gbp is not null then c.budget_gbp end as matched_budget_gbp,
        case when c.budget_gbp is not null then c.actual_gbp end as matched_actual_gbp,
        null as year_budget_gbp, null as forecast_gbp, null as forecast_month,
        case when c.actual_gbp is not null then c.period_start end as period_start,
        case when c.is_unbudgeted then 1 else 0 end as unbudgeted,
        case when c.is_lacking then 1 else 0 end as unreported,
        case when c.is_absent then 1 else 0 end as absent,
        0 as before_unreported, 0 as unforecast, 0 as year_absent
    from chosen as c
    inner join last_year as y on y.financial_year = c.financial_year and c.month <= y.to_month
)
-- A quarter or a year that is not over by then: what was spent in it so far is not known.
, not_over as (
    select
        c.service_id, c.council_id, c.cost_type, c.budget_block,
        null, null, null, null, null, null, null, null, null, 0, 1, 1, 0, 0, 0
    from chosen as c
    inner join last_year as y on c.period_start <= y.to_month and c.month > y.to_month
    where c.actual_gbp is not null
)
, before as (
    select
        c.service_id, c.council_id, c.cost_type, c.budget_block,
        null, null, c.comparable_gbp, null, null, null, null, null, null, 0, 0, 0,
        case when c.is_lacking then 1 else 0 end, 0, 0
    from chosen as c
    inner join last_year as y
        on c.month between y.year_start - interval '12' month and y.to_month - interval '12' month
)
-- The year before came by longer periods: what was spent up to the same month is not known.
, before_not_over as (
    select
        c.service_id, c.council_id, c.cost_type, c.budget_block,
        null, null, null, null, null, null, null, null, null, 0, 0, 0, 1, 0, 0
    from chosen as c
    inner join last_year as y
        on c.period_start <= y.to_month - interval '12' month and c.month > y.to_month - interval '12' month
    where c.actual_gbp is not null
)
, whole as (
    select
        c.service_id, c.council_id, c.cost_type, c.budget_block,
        null, null, null, null, null, c.budget_gbp, null, null, null, 0, 0, 0, 0, 0,
        case when c.is_absent then 1 else 0 end
    from chosen as c
    inner join last_year as y on y.financial_year = c.financial_year
    inner join budgets as b on b.are_whole
)
, forecast as (
    select
        f.service_id, f.council_id, f.cost_type, f.budget_block,
        null, null, null, null, null, null, f.forecast_gbp, f.month, null, 0, 0, 0, 0,
        case when f.forecast_gbp is null then 1 else 0 end, 0
    from forecasts as f
    inner join last_forecast as l on l.month = f.month
)
, figures as (
    select * from now
    union all
    select * from not_over
    union all
    select * from before
    union all
    select * from before_not_over
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
    max(coalesce(s.from_month, y.year_start)) as from_month,
    max(y.to_month) as to_month,
    case when sum(f.absent) = 0 then sum(f.budget_gbp) end as budget_gbp,
    case when sum(f.unreported) = 0 then sum(f.reported_gbp) end as actual_gbp,
    case when sum(f.before_unreported) = 0 then sum(f.year_before_gbp) end as year_before_gbp,
    sum(f.reported_gbp) as reported_gbp,
    sum(f.matched_budget_gbp) as matched_budget_gbp,
    sum(f.matched_actual_gbp) as matched_actual_gbp,
    case
        when sum(case when u.service_id is null then f.unreported + f.before_unreported else 0 end) = 0
        then sum(case when u.service_id is null then f.reported_gbp end)
    end as like_gbp,
    case
        when sum(case when u.service_id is null then f.unreported + f.before_unreported else 0 end) = 0
        then sum(case when u.service_id is null then f.year_before_gbp end)
    end as like_year_before_gbp,
    case when sum(f.year_absent) = 0 then sum(f.year_budget_gbp) end as year_budget_gbp,
    sum(f.forecast_gbp) as forecast_gbp,
    max(f.forecast_month) as forecast_month,
    sum(f.unbudgeted) as unbudgeted,
    sum(f.unreported) as unreported,
    sum(f.before_unreported) as before_unreported,
    count(u.service_id) = 0 as is_like,
    sum(f.unforecast) as unforecast
from figures as f
cross join last_year as y
cross join (select min(period_start) as from_month from now) as s
left join unlike as u on u.service_id = f.service_id and u.council_id = f.council_id
group by grouping sets (
    (f.service_id), (f.council_id), (f.cost_type), (f.budget_block), (f.council_id, f.budget_block), ()
)
order by f.service_id, f.council_id, f.cost_type, f.budget_block
