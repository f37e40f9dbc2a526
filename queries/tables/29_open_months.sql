-- Months of money that are not over in the data, so that they are not set against whole ones.
--
-- The clock is never asked. A month, quarter or year of costs is open where the workspace says that it
-- stands (as_of) before its end, by more than a weekend: accounts are closed on a working day. The newest month of a
-- council's ledger is open where the workspace stands before its end; or where its last line lies
-- further from the end than it ever did in the twelve months before, and a weekend more. Decembers
-- end before Christmas and say nothing of other months. A council whose newest month lies more than
-- two months before the ledger's has left it, and its last month is as whole as it will be.

-- Grain:   one row per council, and one with council_id null for the costs feed, in an open month
-- Columns: month      date, first of the month; of costs the first that is the last of an open period
--          last_day   date, the last that is there of a ledger; of costs the day the workspace stands at
create or replace table open_months as
with stands as (select as_of from workspace)
, days as (
    select council_id, month, max(last_date) as last_day
    from staging.ledger_sums
    group by council_id, month
)
, gaps as (
    select *, datediff('day', last_day, last_day(month)) as gap
    from days
)
, newest as (
    select
        n.council_id,
        n.month,
        n.last_day,
        n.gap,
        max(b.gap) as usual_gap
    from gaps as n
    left join gaps as b
        on b.council_id = n.council_id and b.month < n.month and b.month >= n.month - to_months(12)
        and (month(b.month) != 12 or month(n.month) = 12)
    group by n.council_id, n.month, n.last_day, n.gap
    qualify row_number() over (partition by n.council_id order by n.month desc) = 1
)
select n.council_id, n.month, n.last_day
from newest as n
cross join stands as s
where n.gap > 0
    and datediff('month', n.month, (select max(month) from days)) <= 2
    and (n.gap > n.usual_gap + 3 or (s.as_of >= n.month and s.as_of < last_day(n.month)))
union all
select null, min(c.period_end), s.as_of
from staging.costs as c
cross join stands as s
where c.actual_gbp is not null and datediff('day', s.as_of, last_day(c.period_end)) > 3
group by s.as_of;

-- The day that a month of a council's ledger is held to: what compares it takes the same days of both
-- years. Who has the month whole is in it with all of its days, and has no row here.
--
-- Grain:   one row per council and month that is open for it, or that is open for others and that its
--          own lines never came to: it has left since, or is late
-- Columns: last_day   date, its own last; of whose lines never came to it the last of those that do
create or replace table held_to as
with councils as (
    select council_id, max(month) as last_month from staging.ledger_sums group by council_id
)
, open as (
    select month, max(last_day) as last_day
    from open_months
    where council_id is not null
    group by month
)
select council_id, month, last_day from open_months where council_id is not null
union all
select c.council_id, o.month, o.last_day
from councils as c
inner join open as o on o.month > c.last_month;

-- Grain:   one row per service, council, cost type and supplier in the month a year before one that is
--          held to a day (held_to)
-- Columns: month        date, that month
--          amount_gbp   pounds, up to the same day
create or replace table ledger_same_days as
select
    (h.month - to_months(12))::date as month,
    l.service_id,
    l.council_id,
    coalesce(l.cost_type, '') as cost_type,
    coalesce(l.supplier, '') as supplier,
    sum(l.amount_gbp)::decimal(38, 2) as amount_gbp
from held_to as h
inner join ledger as l
    on l.council_id = h.council_id
    and l.date >= h.month - to_months(12) and l.date <= h.last_day - to_months(12)
group by all;
