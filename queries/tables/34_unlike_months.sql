-- Months that cannot be held against those of the year before, because not the same is in both.
--
-- Grain:   one row per kind, council and month of the later year; of costs and memberships per service
-- Columns: kind         costs: its cost was due in one of both years alone (cost_months)
--                       ledger: the ledger reaches to one of both years alone, or lacks it in either
--                       membership: the council was served in one of both years alone; up to the
--                       ledger's last month, and none where there are no memberships
--          service_id   null of the ledger
create or replace table unlike_months as
with newest as (select max(month) as month from ledger_months having max(month) is not null)
, there as (
    select 'costs' as kind, service_id, council_id, month, false as is_missing from cost_months
    union all
    select 'ledger', null, council_id, month, is_missing from ledger_months
    union all
    select distinct 'membership', m.service_id, m.council_id, g.month::date, false
    from memberships as m
    cross join newest as n
    , generate_series(m.from_month::timestamp, least(m.to_month, n.month)::timestamp, interval 1 month) as g(month)
)
, both_years as (
    select * from there
    union all
    select kind, service_id, council_id, (month + to_months(12))::date, is_missing from there
)
select kind, service_id, council_id, month
from both_years
group by all
having count(*) = 1 or bool_or(is_missing)
order by all;
