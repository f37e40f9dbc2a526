-- What does each measure of a service, or of a council, say now?
--
-- Grain:       one row per series (service_id, council_id, measure_id)
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $from_month, $to_month    first and last month, inclusive
-- Columns:     period              text, of the latest figure that is not missing
--              month               date
--              status              final · provisional · suppressed
--              value, target, previous_value, year_before_value   in the measure's unit
--              verdict             on target · close · off target; null without a target
--              year_change         1 better · -1 worse · 0 the same; null where it can't be said

with performance as (
    select * from performance
    where month between $from_month and $to_month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and status <> 'missing'
)
, latest as (
    select *, row_number() over (partition by service_id, council_id, measure_id order by month desc, period desc) as nth
    from performance
)

select
    service_id,
    council_id,
    measure_id,
    period,
    month,
    status,
    value,
    target,
    previous_value,
    year_before_value,
    verdict,
    year_change
from latest
where nth = 1
order by service_id, measure_id, council_id
