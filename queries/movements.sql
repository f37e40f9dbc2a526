-- Which figures moved most on the year before?
--
-- Grain:       one row per series (service_id, council_id, measure_id)
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $from_month, $to_month    first and last month, inclusive
--              $at_most                  how many rows
-- Columns:     period              text, of the latest figure
--              month               date
--              value, year_before_value, target   in the measure's unit
--              verdict             on target · close · off target
--              year_change         1 better · -1 worse; null where neither is good
--              movement_sds        the change, in standard deviations of such a change
--              status              final or provisional
-- Only series that report in the measure's newest month, so that one that ended does not head the
-- list for ever.

with performance as (
    select * from performance
    where month between $from_month and $to_month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and value is not null
)
, newest as (select measure_id, max(month) as month from performance group by measure_id)
, latest as (
    select
        p.*,
        row_number() over (partition by p.service_id, p.council_id, p.measure_id order by p.month desc, p.period desc) as nth
    from performance as p
    inner join newest as n on n.measure_id = p.measure_id and n.month = p.month
)

select
    service_id,
    council_id,
    measure_id,
    period,
    month,
    value,
    year_before_value,
    target,
    verdict,
    year_change,
    movement_sds,
    status
from latest
where nth = 1 and movement_sds is not null
order by movement_sds desc, service_id, council_id, measure_id
limit $at_most
