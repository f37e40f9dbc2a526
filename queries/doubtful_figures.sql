-- Which figures were loaded although they lie far outside the history of their own series?
--
-- Grain:       one row per feed, series and month, or file and field (feed, file, field, series, month,
--              line)
-- Parameters:  $at_most            rows answered
-- Columns:     series              measure, service and council, or unit, service and council
--              month               date, first of the month
--              value, low, high    the figure, and the range of the `points` figures it is held against
--              beside              before · season · year: those before it, those of that time in
--                                  earlier years, those of its own year; file: a whole file, whose
--                                  figures are `times` those of other files

select feed, file, line, field, series, month, value, low, high, points, beside, times
from warnings
order by file, line nulls first, field, series
limit $at_most
