-- Which months are not over in the data, and up to which day are they there?
--
-- Grain:       one row per council (council_id); null is the costs feed, whose open month is left out
-- Parameters:  none
-- Columns:     month       date, first of the month
--              last_day    date

select council_id, month, last_day
from open_months
order by month, council_id
