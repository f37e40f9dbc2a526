-- Which rows were set aside, where do they stand, and why?
--
-- Grain:       one row per file, line and reason (file_id, line, field, reason)
-- Parameters:  none
-- Columns:     file_id, line       line on which the row begins in the file
--              feed, file, field, value, expected, reason, row_text   text

select file_id, feed, file, line, field, value, expected, reason, row_text
from set_aside
order by file_id, line, field
