-- Which figures were published in council papers, word for word?
--
-- Grain:       one row per published figure (month, topic, council_id, service_id)
-- Parameters:  $feed                     the feed they bear on, or null for all
--              $from_month, $to_month    first and last month, inclusive
-- Columns:     month, period       the period's last month, and its label
--              topic, unit, text, source   text
--              figure              number in the unit

select month, period, topic, council_id, service_id, figure, unit, text, source
from published
where ($feed is null or feed = $feed) and month between $from_month and $to_month
order by month desc, topic, council_id, service_id
