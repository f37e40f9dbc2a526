-- Which councils and other customers are there?
--
-- Grain:       one row per council or customer (council_id)
-- Parameters:  none
-- Columns:     council_id, name    text
--              kind                council · staff (a customer of the survey only) · whole

select council_id, name, kind
from councils
order by position, name
