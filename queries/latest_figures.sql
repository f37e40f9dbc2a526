-- What does each measure of a service, or of a council, say now?
--
-- Grain:       one row per series (service_id, council_id, measure_id, period_kind)
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $from_month, $to_month    first and last month, inclusive
-- Columns:     period              text, of the latest figure that is not missing
--              period_kind         month · quarter · half · financial year · …
--              month               date
--              status              final · provisional · suppressed
--              value, target       in the measure's unit
--              verdict             on target · close · off target; null without a target
--              previous_period, previous_month   text and date; the last of the same kind before this
--                                  one that has a value
--              previous_value, year_before_value   in the measure's unit
--              previous_change, year_change   against each of them: 1 better · -1 worse ·
--                                  0 the same; null where it can't be said
--              year_to_date        from April to this month, in the measure's unit; null where it
--                                  can't be worked out
--              year_to_date_verdict   by the rule and target of the latest figure
--              is_doubtful         far outside its own history (tables/21_doubtful.sql)

with performance as (
    select * from performance
    where month between $from_month and $to_month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and status <> 'missing'
)
, latest as (
    select
        *,
        row_number() over (
            partition by service_id, council_id, measure_id, period_kind order by month desc, period desc
        ) as nth
    from performance
)

select
    service_id,
    council_id,
    measure_id,
    period,
    period_kind,
    month,
    status,
    value,
    target,
    verdict,
    previous_period,
    previous_month,
    previous_value,
    year_before_value,
    previous_change,
    year_change,
    year_to_date,
    year_to_date_verdict,
    is_doubtful
from latest
where nth = 1
order by service_id, measure_id, period_kind, council_id
