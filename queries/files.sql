-- What became of every file of the last load?
--
-- Grain:       one row per feed and file (file_id)
-- Parameters:  none
-- Columns:     file_id             number of the file within the load
--              feed, file, hash    text
--              rows_read           count = rows_loaded + rows_set_aside + rows_skipped
--              skipped             text, a JSON object of reason and count
--              is_illustrative     boolean

select file_id, feed, file, hash, rows_read, rows_loaded, rows_set_aside, rows_skipped, skipped, is_illustrative
from files
order by file_id
