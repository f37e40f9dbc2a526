-- Which feeds does the workspace have, from where, and for which months?
--
-- Grain:       one row per feed, present or not
-- Parameters:  none
-- Columns:     feed, source        text
--              rows                count
--              first_month, last_month   date, first of the month; null where the feed is absent
--              is_illustrative     true where any file of the feed is illustrative
--              rows_set_aside      count

select feed, source, rows, first_month, last_month, is_illustrative, rows_set_aside
from feeds
order by feed
