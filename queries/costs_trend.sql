-- What does each service cost, month by month and so far in the year, against its budget?
--
-- Grain:       one row per service, council and month; council_id null is all chosen councils
--              together, service_id null is all services together
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $cost_type, $budget_block one of each, '' for what names none, or null for all
--              $from_month, $to_month    first and last month, inclusive
-- Columns:     month, period, financial_year
--              budget_gbp, actual_gbp    pounds in the month (or the year, where that is the period);
--                                        null where any part that was due is not there, or comes by
--                                        a quarter or a year that is not over by then
--              budget_to_date_gbp, actual_to_date_gbp   pounds since April; null from the first month
--                                        that is not whole
--              is_ahead                  later than any actual of the feed: budgets of months to come
--              is_budgeted, is_budgeted_to_date   whether all of the actual has a budget
--              actual_year_before_gbp, actual_to_date_year_before_gbp   the same, a year before; null
--                                        where other services or councils were due then, or the
--                                        period began in another month; up to the same day where the
--                                        month is open

with chosen as (
    select * from costs_whole
    where council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and ($cost_type is null or cost_type = $cost_type)
        and ($budget_block is null or budget_block = $budget_block)
)
, unlike as (
    select u.service_id, u.council_id, u.month
    from unlike_months as u
    inner join (select distinct service_id, council_id from chosen) as c
        on c.service_id = u.service_id and c.council_id = u.council_id
    where u.kind = 'costs'
)
, figures as (
    select
        service_id, council_id, month, period, financial_year, budget_gbp, actual_gbp, comparable_gbp,
        case when is_lacking then 1 else 0 end as lacking,
        case when is_absent then 1 else 0 end as absent,
        case when is_unbudgeted then 1 else 0 end as unbudgeted,
        0 as unlike,
        0 as not_over,
        case when actual_gbp is not null then period_start end as period_start
    from chosen
    union all
    select c.service_id, c.council_id, r.month, null, null, null, null, null, 0, 0, 0, 0, 1, null
    from chosen as c
    inner join (select distinct month from chosen) as r on c.period_start <= r.month and c.month > r.month
    where c.actual_gbp is not null
    union all
    -- Where costs come by the quarter or year, a month stands for the period that it lies in.
    select u.service_id, u.council_id, r.month, null, null, null, null, null, 0, 0, 0, 1, 0, null
    from unlike as u
    inner join (
        select month, min(period_start) as period_start
        from chosen
        where actual_gbp is not null or is_absent
        group by month
    ) as r
        on u.month between r.period_start and r.month
)
, sums as (
    select
        service_id,
        council_id,
        month,
        max(period) as period,
        max(financial_year) as financial_year,
        sum(budget_gbp) as budget_gbp,
        sum(actual_gbp) as actual_gbp,
        sum(comparable_gbp) as comparable_gbp,
        sum(lacking) as lacking,
        sum(absent) as absent,
        sum(unbudgeted) as unbudgeted,
        sum(unlike) as unlike,
        sum(not_over) as not_over,
        min(period_start) as period_start
    from figures
    group by grouping sets ((service_id, council_id, month), (service_id, month), (council_id, month), (month))
)
, to_date as (
    select
        service_id,
        council_id,
        month,
        period,
        financial_year,
        case when absent = 0 then budget_gbp end as budget_gbp,
        case when lacking + not_over = 0 then actual_gbp end as actual_gbp,
        case when lacking + not_over = 0 then comparable_gbp end as comparable_gbp,
        period_start,
        unlike,
        unbudgeted,
        case when sum(absent) over so_far = 0 then sum(budget_gbp) over so_far end as budget_to_date_gbp,
        case when sum(lacking) over so_far + not_over = 0 then sum(actual_gbp) over so_far end as actual_to_date_gbp,
        case when sum(lacking) over so_far + not_over = 0 then sum(comparable_gbp) over so_far end
            as comparable_to_date_gbp,
        sum(unbudgeted) over so_far as unbudgeted_to_date,
        sum(unlike) over so_far as unlike_to_date
    from sums
    where financial_year is not null
    window so_far as (partition by service_id, council_id, financial_year order by month)
)

select
    n.service_id,
    n.council_id,
    n.month,
    n.period,
    n.financial_year,
    n.budget_gbp,
    n.actual_gbp,
    n.budget_to_date_gbp,
    n.actual_to_date_gbp,
    n.month > f.month as is_ahead,
    n.unbudgeted = 0 as is_budgeted,
    n.unbudgeted_to_date = 0 as is_budgeted_to_date,
    case
        when n.unlike = 0 and b.period_start = n.period_start - interval '12' month then b.comparable_gbp
    end as actual_year_before_gbp,
    case when n.unlike_to_date = 0 then b.comparable_to_date_gbp end as actual_to_date_year_before_gbp
from to_date as n
cross join (select max(month) as month from costs_whole where actual_gbp is not null) as f
left join to_date as b
    on coalesce(b.service_id, '') = coalesce(n.service_id, '')
    and coalesce(b.council_id, '') = coalesce(n.council_id, '')
    and b.month = n.month - interval '12' month
where n.month between $from_month and $to_month
order by n.service_id, n.council_id, n.month
