-- Which points of a series are signal, and which only noise? The XmR chart of each series.
--
-- Grain:       one row per point (service_id, council_id, measure_id, period_kind, month)
-- Parameters:  $measure_ids              list of measures, or null for all
--              $council_ids              list of councils, or null for all
--              $from_month, $to_month    first and last month, inclusive; limits, variation and
--                                        assurance are those of the whole series all the same
-- Columns:     period              text, as reported
--              value               what is charted: the figure; of a cumulative measure what the
--                                  period added, less what the same period a year before added
--              basis               figure · increment
--              stretch             0 for the first, 1 after the first rebase, …
--              centre, lower_limit, upper_limit   limits are null where the points do not vary
--              special_cause       above limits · below limits · trend up · trend down ·
--                                  two of three high · two of three low · run above · run below; null
--              point_type          improvement · concern · neutral high · neutral low · common cause
--              variation           the newest point's point_type
--              assurance           consistently passes · consistently fails · hit and miss; null
--              target              in force at the point; null for increments
--              points              count of points in the stretch
--              is_trial            fewer than 12 points in the stretch: trial limits
--              status              final · provisional
--              signal_since        first month of the unbroken row of points of this type
--              signal_points       their count up to this point
--              is_doubtful         far outside its own history (tables/21_doubtful.sql)

select
    service_id,
    council_id,
    measure_id,
    period_kind,
    period,
    month,
    value,
    basis,
    stretch,
    centre,
    lower_limit,
    upper_limit,
    special_cause,
    point_type,
    variation,
    assurance,
    target,
    points,
    is_trial,
    status,
    signal_since,
    signal_points,
    is_doubtful
from control_charts
where ($measure_ids is null or measure_id in (select unnest($measure_ids)))
    and ($council_ids is null or council_id in (select unnest($council_ids)))
    and month between $from_month and $to_month
order by measure_id, council_id, service_id, period_kind, month
