-- Which feeds does the workspace have, from where, for which months, and when is more expected?
--
-- Grain:       one row per feed, present or not
-- Parameters:  none
-- Columns:     feed, source        text
--              rows                count
--              first_month, last_month   date, first of the month; null where the feed is absent
--              is_illustrative     true where any file of the feed is illustrative
--              rows_set_aside      count
--              expected_days       days from the end of a period to its file; null where not agreed

select
    f.feed,
    f.source,
    f.rows,
    f.first_month,
    f.last_month,
    f.is_illustrative,
    f.rows_set_aside,
    e.expected_days
from feeds as f
left join expectations as e on e.feed = f.feed
order by f.feed
