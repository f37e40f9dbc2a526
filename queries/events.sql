-- What happened, and when, that bears on a service, its councils or a measure?
--
-- Grain:       one row per event (event_date, title, service_id, council_id, measure_id)
-- Parameters:  $service_id               one service; null for those of every service alone
--              $measure_id               one measure; null for those of every measure alone
--              $council_ids              list of councils
--              $from_month, $to_month    first and last month, inclusive
-- Meetings of a committee bear on no figure; they are in committees.
-- Columns:     event_date, month   date; month is its first
--              title, kind, source   text
--              is_rebase           true where the series starts afresh

with events as (
    select * from events
    where month between $from_month and $to_month and coalesce(lower(kind), '') <> 'committee'
)

select event_date, month, title, kind, service_id, council_id, measure_id, is_rebase, source
from events
where (service_id is null or service_id = $service_id)
    and (measure_id is null or measure_id = $measure_id)
    and (council_id is null or council_id in (select unnest($council_ids)))
order by event_date, title
