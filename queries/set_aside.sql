-- Which rows were set aside, where do they stand, and why?
--
-- Grain:       one row per feed, file, line, field and reason (file_id, line, field, reason)
-- Parameters:  $file               one file, null for all
--              $rule               one kind of reason, null for all
--              $at_most            rows answered
-- Columns:     file_id, line       line on which the row begins in the file
--              feed, file, field, value, expected, reason, row_text   text
--              is_withheld         the file holds what is not shown (answers of few people,
--                                  suppressed figures): value and row_text are null, and the reason
--                                  why a figure was set aside is given without it

select
    file_id,
    feed,
    file,
    line,
    field,
    value,
    expected,
    reason,
    row_text,
    is_withheld
from set_aside
where
    ($file is null or file = $file)
    and ($rule is null or rule = $rule)
order by file_id, line, field, reason
limit $at_most
