-- What share of customers was the survey to satisfy, as the papers published it?
--
-- Grain:       one row, or none where no paper said
-- Parameters:  $to_month                 the last month looked at
-- Columns:     target              share 0-1
--              month               date, of the paper
--              source              text

with published as (
    select * from published
    where feed = 'satisfaction'
        and unit = '%'
        and month <= $to_month
        and lower(topic) like '%target%'
)

select figure / 100.0 as target, month, source
from published
order by month desc
limit 1
