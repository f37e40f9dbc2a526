-- What is being shown: the workspace, its data version, and the newest month in its data?
--
-- Grain:       one row
-- Parameters:  none
-- Columns:     title, description, licence, waived   text, from the contract
--              data_version        text
--              loaded_at           timestamp, UTC; loaded_by the user who loaded, if known
--              as_of               date on which the workspace stands; null where it is the clock's
--              first_month, newest_month   date, first of the month; "now" is the newest month
--              councils, services, measures   count

with workspace as (select * from workspace)
, feeds as (select * from feeds)
, councils as (select count(*) as n from councils where kind = 'council')
, services as (select count(*) as n from services)
, measures as (select count(*) as n from measures)
, span as (
    select min(first_month) as first_month, max(last_month) as newest_month
    from feeds
    where feed in ('performance', 'costs', 'ledger', 'satisfaction', 'volumes')
)

select
    w.title,
    w.description,
    w.licence,
    w.waived,
    w.data_version,
    w.loaded_at,
    w.loaded_by,
    w.as_of,
    s.first_month,
    s.newest_month,
    c.n as councils,
    v.n as services,
    m.n as measures
from workspace as w
cross join span as s
cross join councils as c
cross join services as v
cross join measures as m
