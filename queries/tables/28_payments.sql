-- Single payments: which costs were gathered from them, and which months of them are there.
--
-- Of a ledger, and of costs gathered from single payments, no row says that nothing was spent. Whoever
-- pays regularly has payments in two of three months or more (of three at least), or as a rule five a
-- month: a month without any is missing. Whoever pays now and then spent nothing in it.

-- Grain: one row per service and council whose costs are a ledger's, or gathered from single payments:
-- rows of it were, or of most others, and none has both a budget and an actual, as no payment has
create or replace table costs_gathered as
with pairs as (
    select service_id, council_id, bool_or(entries > 1) as has_gathered
    from staging.costs_rows
    where standing is null
    group by service_id, council_id
    having not bool_or(budget_gbp is not null and actual_gbp is not null)
)
, counted as (
    select *, 2 * count(*) filter (has_gathered) over () > count(*) over () as are_gathered
    from pairs
)
select service_id, council_id from counted where has_gathered or are_gathered
union all
select distinct service_id, council_id from staging.ledger_sums where not exists (from staging.costs);

-- Grain:   one row per feed (ledger · costs), council and month from its first payment to its last; or
--          to the feed's last where that is no more than two months later. Of a council that is paid
--          for now and then, the months of the whole feed
-- Columns: is_missing   nothing is there of a month that was to be expected: the council pays
--                       regularly; or all councils together do, and none has any in this month
create or replace table payment_months as
with payments as (
    select 'ledger' as feed, council_id, month, sum(lines) as payments
    from staging.ledger_sums
    group by council_id, month
    union all
    select 'costs', council_id, period_end, sum(entries)
    from staging.costs_rows
    semi join costs_gathered using (service_id, council_id)
    where standing is null
    group by council_id, period_end
)
-- Each council, and null for all together.
, payers as (
    select * from payments
    union all
    select feed, null, month, sum(payments) from payments group by feed, month
)
, habits as (
    select
        feed,
        council_id,
        min(month) as first_month,
        max(month) as last_month,
        (count(*) >= 3 and 3 * count(*) >= 2 * (datediff('month', min(month), max(month)) + 1))
        or median(payments) >= 5 as is_regular
    from payers
    group by feed, council_id
)
, spans as (
    select
        c.feed,
        c.council_id,
        case when c.is_regular then c.first_month else a.first_month end as first_month,
        case
            when not c.is_regular or datediff('month', c.last_month, a.last_month) <= 2 then a.last_month
            else c.last_month
        end as last_month,
        c.is_regular,
        a.is_regular as are_regular
    from habits as c
    inner join habits as a on a.feed = c.feed and a.council_id is null
    where c.council_id is not null
)
select
    s.feed,
    s.council_id,
    g.month::date as month,
    p.month is null and (s.is_regular or (s.are_regular and a.month is null)) as is_missing
from spans as s
, generate_series(s.first_month::timestamp, s.last_month::timestamp, interval 1 month) as g(month)
left join payers as p on p.feed = s.feed and p.council_id = s.council_id and p.month = g.month::date
left join payers as a on a.feed = s.feed and a.council_id is null and a.month = g.month::date;

-- Grain: as payment_months, of the ledger alone. What pages read of it.
create or replace table ledger_months as
select council_id, month, is_missing from payment_months where feed = 'ledger';
