-- Months of money that are not over in the data, so that they are not set against whole ones; and
-- those that the ledger lacks.
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

-- Grain:   one row per service, council, cost type and supplier in the month a year before an open one
-- Columns: month        date, that month
--          amount_gbp   pounds, up to the same day
create or replace table ledger_same_days as
select
    (o.month - to_months(12))::date as month,
    l.service_id,
    l.council_id,
    coalesce(l.cost_type, '') as cost_type,
    coalesce(l.supplier, '') as supplier,
    sum(l.amount_gbp)::decimal(38, 2) as amount_gbp
from open_months as o
inner join ledger as l
    on l.council_id = o.council_id
    and l.date >= o.month - to_months(12) and l.date <= o.last_day - to_months(12)
group by all;

-- Grain:   one row per council and month from its first line of the ledger to its last; or to the
--          ledger's last where that is no more than two months later. Of a council that is paid for
--          now and then, the months of the whole ledger
-- Columns: is_missing   nothing is there of a month that was to be expected: the council has lines in
--                       two of three months or more (of three at least), or as a rule five a month;
--                       or all councils together do, and none has any in this month
create or replace table ledger_months as
with days as (
    select council_id, month, sum(lines) as lines
    from staging.ledger_sums
    group by council_id, month
)
, all_months as (select month, sum(lines) as lines from days group by month)
, whole as (
    select
        min(month) as first_month,
        max(month) as last_month,
        (count(*) >= 3 and 3 * count(*) >= 2 * (datediff('month', min(month), max(month)) + 1))
        or median(lines) >= 5 as is_regular
    from all_months
)
, councils as (
    select
        council_id,
        min(month) as first_month,
        max(month) as last_month,
        (count(*) >= 3 and 3 * count(*) >= 2 * (datediff('month', min(month), max(month)) + 1))
        or median(lines) >= 5 as is_regular
    from days
    group by council_id
)
, spans as (
    select
        c.council_id,
        case when c.is_regular then c.first_month else w.first_month end as first_month,
        case
            when not c.is_regular or datediff('month', c.last_month, w.last_month) <= 2 then w.last_month
            else c.last_month
        end as last_month,
        c.is_regular,
        w.is_regular as are_regular
    from councils as c
    cross join whole as w
)
select
    s.council_id,
    g.month::date as month,
    d.month is null
    and (s.is_regular or (s.are_regular and g.month::date not in (select month from all_months))) as is_missing
from spans as s
, generate_series(s.first_month::timestamp, s.last_month::timestamp, interval 1 month) as g(month)
left join days as d on d.council_id = s.council_id and d.month = g.month::date;
