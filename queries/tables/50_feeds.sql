-- What the workspace holds: one row per feed, present or not.

create or replace table feeds as
with kinds(feed, rows, first_month, last_month) as (
    select 'performance', count(*), min(month), max(month) from performance
    union all select 'costs', count(*), min(month), max(month) from costs
    union all select 'ledger', sum(lines)::bigint, min(month), max(month) from ledger_monthly
    union all select 'volumes', count(*), min(month), max(month) from volumes
    union all select 'cost_shares', count(*), min(from_month), max(to_month) from cost_shares
    union all select 'satisfaction', count(*), min(month), max(month) from staging.answers
    union all select 'targets', count(*), null, null from targets
    union all select 'events', count(*), min(month), max(month) from events
    union all select 'benchmarks', count(*), min(from_month), max(month) from benchmarks
    union all select 'memberships', count(*), null, null from memberships
)
select
    k.feed,
    coalesce(k.rows, 0) as rows,
    k.first_month,
    k.last_month,
    coalesce(any_value(f.source), '') as source,
    coalesce(bool_or(f.is_illustrative), false) as is_illustrative,
    coalesce(sum(f.rows_set_aside), 0)::bigint as rows_set_aside
from kinds as k
left join files as f on f.feed = k.feed
group by all
order by k.feed;

-- What each feed promised: the fewest days after a period's end that any of its resources names.
create or replace table expectations as
select feed, min(expected_days) as expected_days
from resources
group by feed;
