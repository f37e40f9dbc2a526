-- How has each measure moved, council by council, and what was its target?
--
-- Grain:       one row per series and period (measure_id, service_id, council_id, period_kind, month,
--              period); every pair of a series' own kind of period present, so that gaps show
-- Parameters:  $measure_ids              list of measures
--              $council_ids              list of councils
--              $from_month, $to_month    first and last month, inclusive
-- Columns:     service_id          text; the service that reports it
--              period_kind         month · quarter · half · financial year · …: figures of two kinds
--                                  are two series, and never stand in one line
--              month               date, last month of the period
--              value, target       in the measure's unit; value null where missing or suppressed
--              numerator, denominator   as exported; null where the export has none
--              status              final · provisional · suppressed · missing · not served
--              verdict             on target · close · off target; null without a target
--              missed_points       how many figures in a row, up to this one, missed their target;
--                                  null where this one met it or has no verdict
--              is_doubtful         far outside its own history (tables/21_doubtful.sql)
--              is_illustrative     boolean; null where there is no figure
--              source              text; where a published figure comes from
--              file, line          the export and the line the figure stands on; null where none

with measure_periods as (
    select * from measure_periods
    where measure_id in (select unnest($measure_ids)) and month between $from_month and $to_month
)
, councils as (select council_id from councils where council_id in (select unnest($council_ids)))
, performance as (
    select * from performance
    where measure_id in (select unnest($measure_ids)) and council_id in (select unnest($council_ids))
)
, spells as (
    select * from verdict_spells
    where measure_id in (select unnest($measure_ids)) and council_id in (select unnest($council_ids))
)
, files as (select file_id, file from files)
, served as (select * from served)
, reported as (select distinct measure_id, service_id, council_id, period_kind from performance)
, spine as (
    select p.measure_id, p.service_id, r.council_id, p.period_kind, p.period, p.month
    from measure_periods as p
    inner join reported as r
        on r.measure_id = p.measure_id and r.service_id = p.service_id and r.period_kind = p.period_kind
    inner join councils as c on c.council_id = r.council_id
)

select
    s.measure_id,
    s.service_id,
    s.council_id,
    s.period_kind,
    s.period,
    s.month,
    f.value,
    f.target,
    f.numerator,
    f.denominator,
    case
        when f.status is not null then f.status
        when not exists (
            select 1 from served as b
            where b.service_id = s.service_id and b.council_id = s.council_id
                and s.month between b.from_month and b.to_month
        ) then 'not served'
        else 'missing'
    end as status,
    f.verdict,
    case when v.is_missed then v.spell_points end as missed_points,
    coalesce(f.is_doubtful, false) as is_doubtful,
    f.is_illustrative,
    f.source,
    e.file,
    f.line
from spine as s
left join performance as f
    on f.measure_id = s.measure_id
    and f.service_id = s.service_id
    and f.council_id = s.council_id
    and f.period_kind = s.period_kind
    and f.month = s.month
    and f.period = s.period
left join spells as v
    on v.service_id = f.service_id and v.council_id = f.council_id
    and v.measure_id = f.measure_id and v.period_kind = f.period_kind
    and v.period = f.period and v.month = f.month
left join files as e on e.file_id = f.file_id
order by s.measure_id, s.service_id, s.council_id, s.period_kind, s.month, s.period
