-- Which figures were loaded although they lie far outside the history of their own series?
--
-- Grain:       one row per feed, series and month (feed, series, month, line)
-- Parameters:  $at_most            rows answered
-- Columns:     series              measure, service and council, or unit, service and council
--              month               date, first of the month
--              value, low, high    the figure, and the range of the `points` figures before it

select feed, file, line, field, series, month, value, low, high, points
from warnings
order by file, line, series
limit $at_most
