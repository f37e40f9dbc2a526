-- Which months are not over in the data, and up to which day are they there?
--
-- Grain:       one row per council (council_id); null is the costs feed, whose open month is left out
-- Parameters:  none
-- Columns:     month       date, first of the month
--              last_day    date
--              feed_month  date, the newest month of the ledger; of costs the open one

select
    o.council_id,
    o.month,
    o.last_day,
    case when o.council_id is null then o.month else l.month end as feed_month
from open_months as o
cross join (select max(month) as month from ledger_months) as l
order by o.month, o.council_id
