-- What became of every file of the last load, line by line?
--
-- Grain:       one row per feed and file (file_id)
-- Parameters:  none
-- Columns:     file_id             number of the file within the load
--              feed, resource, file, hash    text; no hash of a file that holds what is not shown
--                                  (answers of few people, suppressed figures), with which guesses
--                                  at it could be tried
--              lines               physical lines; header_lines of them down to the header
--              rows_read           count = rows_loaded + rows_set_aside + rows_skipped
--              skipped             text, a JSON object of reason and count
--              is_illustrative     boolean
--              is_new              true where this load read the file; false where it was as before

select
    file_id,
    feed,
    resource,
    file,
    hash,
    lines,
    header_lines,
    rows_read,
    rows_loaded,
    rows_set_aside,
    rows_skipped,
    skipped,
    is_illustrative,
    is_new
from files
order by file_id
