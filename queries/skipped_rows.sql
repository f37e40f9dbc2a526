-- Which lines were skipped as no data: totals, notes, blank lines, headers again?
--
-- Grain:       one row per feed, file and line (file_id, line)
-- Parameters:  $file               one file, null for all
--              $at_most            rows answered
-- Columns:     feed, reason, row_text    text; row_text is null for the customer survey: a line that
--                                  stands there twice, or a subtotal, may be of few people

select
    file_id,
    feed,
    file,
    line,
    reason,
    case when feed = 'satisfaction' then null else row_text end as row_text
from skipped
where $file is null or file = $file
order by file, line, file_id
limit $at_most
