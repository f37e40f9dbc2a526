-- Do the amounts of each file come to what the file itself states, and how much was loaded?
--
-- Grain:       one row per feed, file and field (resource, file, field)
-- Parameters:  none
-- Columns:     feed, resource      text
--              counted_gbp         sum over every row of data that can be read
--              loaded_gbp          of it loaded; the rest was set aside or is a repeat
--              stated_gbp          what the file's own total row says; null where it has none
--              stated_line         the line of that row
--              unreadable          count of rows whose amount cannot be read
-- Not of files that hold what is not shown (answers of few people, suppressed figures): it can be
-- the difference between what a file states and what is loaded.

select
    feed,
    resource,
    file,
    field,
    counted as counted_gbp,
    loaded as loaded_gbp,
    stated as stated_gbp,
    stated_line,
    unreadable
from reconciled
order by file, resource, field
