-- Which lines were skipped as no data: totals, notes, blank lines, headers again?
--
-- Grain:       one row per feed, file and line (file_id, line)
-- Parameters:  $file               one file, null for all
--              $at_most            rows answered
-- Columns:     feed, reason, row_text    text
--              is_withheld         the file holds what is not shown (answers of few people,
--                                  suppressed figures): row_text is null, as a line that stands there
--                                  twice, or a subtotal, would tell it

select
    file_id,
    feed,
    file,
    line,
    reason,
    row_text,
    is_withheld
from skipped
where $file is null or file = $file
order by file, line, file_id
limit $at_most
