-- When did the committee meet?
--
-- Grain:       one row per day (event_date)
-- Parameters:  none
-- Columns:     month               date, first of the month
--              title               text

with events as (select * from events where lower(kind) = 'committee')

select event_date, max(month) as month, max(title) as title
from events
group by event_date
order by event_date
