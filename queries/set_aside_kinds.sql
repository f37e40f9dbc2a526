-- How many rows were set aside in each file, by kind of reason?
--
-- Grain:       one row per feed, file and kind of reason (feed, file, rule)
-- Parameters:  none
-- Columns:     rule                the reason without the values of the row
--              rows                count of rows

select feed, file, rule, count(distinct line) as rows
from set_aside
group by feed, file, rule
order by file, rows desc, rule
