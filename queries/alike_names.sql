-- Which names may be one name, spelt in several ways?
--
-- Grain:       one row per field and name (field, name), the groups in order
-- Parameters:  $at_most   rows answered
-- Columns:     folded     what the spellings of a group have in common
--              rows       rows of data that have this spelling
--              position   within the group, from 0: the most used spelling first

select field, folded, name, rows, position
from alike_names
order by field, folded, position
limit $at_most
