-- Which months of costs had to be there, which of them are not, and so which sums are whole.
--
-- A sum is told only where each part of it that was due is there. What was due:
--
-- - With memberships, a service's cost of a council for as long as it serves it, from the first month
--   of the feed to its last. Without them from the pair's first report to its last, and on to the
--   feed's last where that is no more than two months later and it has reported three times: then it
--   is late, and has not ended.
-- - Within a pair, a cost type of a budget block that stands in two of three months or more between
--   its first and its last. One that comes now and then (a redundancy, a rebate) is due in none; nor
--   is one without budgets where the pair has them, because spending nobody planned comes as it comes.
-- - Of a ledger, and of costs gathered from single payments, what was due of payments (payment_months).

-- Grain:   one row per service, council and calendar month in which its cost was due, or is there
-- Columns: is_missing   no figure of any kind covers the month
--          is_open      the costs are a ledger's, and it has the month only in part (open_months)
create or replace table cost_months as
with feed_end as (select max(month) as month from costs where actual_gbp is not null)
, steps(period_kind, step) as (values ('month', 1), ('quarter', 3), ('half', 6), ('financial year', 12), ('year', 12))
, pairs as (
    select
        c.service_id,
        c.council_id,
        min(coalesce(s.step, 12)) as step,
        min(c.period_start) as first_month,
        max(c.month) as last_month,
        count(distinct c.month) as periods
    from costs as c
    cross join feed_end as e
    left join steps as s using (period_kind)
    where c.month <= e.month
    group by c.service_id, c.council_id
)
, feed_start as (select min(first_month) as month from pairs)
, has_memberships as (select count(*) > 0 as has_any from memberships)
, there as (
    select distinct c.service_id, c.council_id, g.month::date as month
    from costs as c
    cross join feed_end as e
    , generate_series(c.period_start::timestamp, c.month::timestamp, interval 1 month) as g(month)
    where c.month <= e.month and not c.is_plan
)
-- Of single payments: what stands for a pair's months are its council's.
, gathered as (
    select council_id, month, is_missing
    from payment_months
    where feed = case when exists (from staging.costs) then 'costs' else 'ledger' end
)
, spans as (
    select
        p.service_id,
        p.council_id,
        p.first_month as from_month,
        -- Late, or within a quarter or a year that is not over, so that nothing is known of its months.
        case
            when datediff('month', p.last_month, e.month) < case when p.periods >= 3 then greatest(3, p.step) else p.step end
                then e.month
            else p.last_month
        end as to_month
    from pairs as p
    cross join feed_end as e
    cross join has_memberships as h
    where not h.has_any
    union all
    select p.service_id, p.council_id, greatest(b.from_month, f.month), least(b.to_month, e.month)
    from pairs as p
    inner join memberships as b using (service_id, council_id)
    cross join feed_start as f
    cross join feed_end as e
)
, due as (
    select distinct s.service_id, s.council_id, g.month::date as month
    from spans as s
    anti join costs_gathered as k on k.service_id = s.service_id and k.council_id = s.council_id
    , generate_series(s.from_month::timestamp, s.to_month::timestamp, interval 1 month) as g(month)
    union
    select p.service_id, p.council_id, g.month
    from pairs as p
    semi join costs_gathered as k on k.service_id = p.service_id and k.council_id = p.council_id
    cross join has_memberships as h
    inner join gathered as g on g.council_id = p.council_id
    where not h.has_any or exists (
        from memberships as b
        where b.service_id = p.service_id and b.council_id = p.council_id
            and g.month between b.from_month and b.to_month
    )
    union
    select service_id, council_id, month from there
)
select
    d.service_id,
    d.council_id,
    d.month,
    case when k.service_id is null then t.month is null else coalesce(g.is_missing, false) end as is_missing,
    o.month is not null as is_open
from due as d
left join costs_gathered as k on k.service_id = d.service_id and k.council_id = d.council_id
left join open_months as o
    on o.council_id = d.council_id and o.month = d.month and not exists (from staging.costs)
left join there as t on t.service_id = d.service_id and t.council_id = d.council_id and t.month = d.month
left join gathered as g on g.council_id = d.council_id and g.month = d.month
order by d.service_id, d.council_id, d.month;

-- Grain:   one row per service, council, cost type, budget block and period that was due and is not there
-- Columns: period_start, month   first and last month of the period, as the pair reports
create or replace table costs_missing as
with steps(period_kind, step) as (values ('month', 1), ('quarter', 3), ('half', 6), ('financial year', 12), ('year', 12))
, rows as (
    select
        c.service_id,
        c.council_id,
        coalesce(c.cost_type, '') as cost_type,
        coalesce(c.budget_block, '') as budget_block,
        c.period_start,
        c.month,
        coalesce(s.step, 12) as step,
        c.budget_gbp is not null as has_budget
    from costs as c
    left join steps as s using (period_kind)
    where not c.is_plan and c.month <= (select max(month) from costs where actual_gbp is not null)
)
, pairs as (
    select service_id, council_id, min(step) as step, max(month) as last_month, bool_or(has_budget) as has_budgets
    from rows
    group by service_id, council_id
)
, parts as (
    select
        service_id,
        council_id,
        cost_type,
        budget_block,
        min(period_start) as first_month,
        max(month) as last_month,
        2 * count(*) filter (has_budget) >= count(*) as is_budgeted
    from rows
    group by service_id, council_id, cost_type, budget_block
)
, parts_there as (
    select distinct r.service_id, r.council_id, r.cost_type, r.budget_block, g.month::date as month
    from rows as r
    , generate_series(r.period_start::timestamp, r.month::timestamp, interval 1 month) as g(month)
)
, regular as (
    select p.service_id, p.council_id, p.cost_type, p.budget_block, p.first_month, p.last_month
    from parts as p
    inner join pairs as a using (service_id, council_id)
    inner join cost_months as m
        on m.service_id = p.service_id and m.council_id = p.council_id
        and not m.is_missing and m.month between p.first_month and p.last_month
    left join parts_there as t
        on t.service_id = p.service_id and t.council_id = p.council_id and t.cost_type = p.cost_type
        and t.budget_block = p.budget_block and t.month = m.month
    anti join costs_gathered as k on k.service_id = p.service_id and k.council_id = p.council_id
    where p.is_budgeted or not a.has_budgets
    group by all
    having 3 * count(t.month) >= 2 * count(*)
)
-- Where all of a pair is missing, so are the parts that were there before and after; at an end, any.
, of_whole_months as (
    select m.service_id, m.council_id, p.cost_type, p.budget_block, m.month
    from cost_months as m
    inner join parts as p using (service_id, council_id)
    where m.is_missing
    qualify (m.month between p.first_month and p.last_month)
        or not bool_or(m.month between p.first_month and p.last_month)
            over (partition by m.service_id, m.council_id, m.month)
)
, lacking as (
    select * from of_whole_months
    union all
    select r.service_id, r.council_id, r.cost_type, r.budget_block, m.month
    from regular as r
    inner join cost_months as m
        on m.service_id = r.service_id and m.council_id = r.council_id
        and not m.is_missing and m.month between r.first_month and r.last_month
    anti join parts_there as t
        on t.service_id = r.service_id and t.council_id = r.council_id and t.cost_type = r.cost_type
        and t.budget_block = r.budget_block and t.month = m.month
)
-- The period that a month would have come with: its end is a whole number of steps from the newest.
, periods as (
    select
        l.service_id,
        l.council_id,
        l.cost_type,
        l.budget_block,
        min(l.month) as period_start,
        case
            when l.month > a.last_month then l.month
            else l.month + to_months((datediff('month', l.month, a.last_month) % a.step)::integer)
        end::date as month
    from lacking as l
    inner join pairs as a using (service_id, council_id)
    group by all
)
select
    *,
    (year(month) - (month(month) < 4)::integer)::varchar
        || '-' || right((year(month) + (month(month) >= 4)::integer)::varchar, 2) as financial_year,
    make_date(year(month) - (month(month) < 4)::integer, 4, 1) as year_start
from periods
order by all;

-- Grain:   one row per service, council, cost type, budget block and period that is there or was due
-- Columns: as in costs;
--          comparable_gbp  what a year later is held against: the actual, or its part up to the same day
--                          where the ledger's month a year later is held to one (held_to)
--          and what a sum over rows has to count:
--          is_lacking      an actual was due and is not there: no row, or a row without it that
--                          no shorter ones stand for (is_plan)
--          is_unbudgeted   an actual stands without a budget
create or replace table costs_whole as
with same_days as (
    select service_id, council_id, cost_type, month, sum(amount_gbp) as amount_gbp
    from ledger_same_days
    group by all
)
, held as (
    select council_id, (month - to_months(12))::date as month
    from held_to
    where not exists (from staging.costs)
)
select
    c.service_id,
    c.council_id,
    coalesce(c.cost_type, '') as cost_type,
    coalesce(c.budget_block, '') as budget_block,
    c.period,
    c.period_start,
    c.month,
    c.financial_year,
    c.year_start,
    c.budget_gbp,
    c.forecast_gbp,
    c.actual_gbp,
    case when h.month is null then c.actual_gbp else coalesce(s.amount_gbp, 0) end as comparable_gbp,
    c.is_illustrative,
    false as is_absent,
    c.actual_gbp is null and not c.is_plan as is_lacking,
    c.actual_gbp is not null and c.budget_gbp is null as is_unbudgeted
from costs as c
left join held as h on h.council_id = c.council_id and h.month = c.month
left join same_days as s
    on s.service_id = c.service_id and s.council_id = c.council_id
    and s.cost_type = coalesce(c.cost_type, '') and s.month = c.month
union all
select
    service_id,
    council_id,
    cost_type,
    budget_block,
    case
        when period_start = month then strftime(month, '%Y-%m')
        when datediff('month', period_start, month) < 6
            then financial_year || ' Q' || ((month(month) + 8) % 12 // 3 + 1)::varchar
        when month(month) = 3 then financial_year
        else year(month)::varchar
    end,
    period_start,
    month,
    financial_year,
    year_start,
    null,
    null,
    null,
    null,
    false,
    true,
    true,
    false
from costs_missing;

-- Grain: one row per service, council and month, over cost types and blocks.
create or replace table costs_monthly as
select
    service_id,
    council_id,
    month,
    financial_year,
    year_start,
    coalesce(any_value(period) filter (not is_absent), any_value(period)) as period,
    coalesce(min(period_start) filter (actual_gbp is not null), min(period_start)) as period_start,
    sum(budget_gbp) as budget_gbp,
    sum(actual_gbp) as actual_gbp,
    sum(comparable_gbp) as comparable_gbp,
    -- Of the cells that have both: what is known of a sum that is not whole.
    sum(budget_gbp) filter (actual_gbp is not null) as matched_budget_gbp,
    sum(actual_gbp) filter (budget_gbp is not null) as matched_actual_gbp,
    count(*) filter (is_unbudgeted) as unbudgeted,
    count(*) filter (is_lacking) as unreported,
    count(*) filter (is_absent) as absent,
    bool_or(is_illustrative) as is_illustrative
from costs_whole
group by all;
