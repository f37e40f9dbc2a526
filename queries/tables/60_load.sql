-- What the load has to say of its files: rows set aside, rows skipped, and figures that look doubtful.

create or replace table set_aside as
select
    p.file_id,
    p.feed,
    f.file,
    p.line,
    p.field,
    p.value,
    p.expected,
    p.reason,
    -- The reason without the row's own values, so that rows wrong in one way can be counted.
    regexp_replace(split_part(p.reason, ';', 1), '''[^'']*''|\([^)]*\)|[0-9][0-9.,]*', '…', 'g') as rule,
    p.row_text
from staging.problems as p
join files as f using (file_id)
order by f.file, p.line, p.part, p.field;

create or replace table skipped as
select s.file_id, s.feed, f.file, s.line, s.reason, s.row_text
from staging.skipped as s
join files as f using (file_id)
order by f.file, s.line;

-- A figure far outside its series' own history, which is loaded all the same.
--
-- Grain:   one row per figure
-- Columns: value           the figure
--          low, high       the range of the `points` earlier figures of its series
--
-- Doubtful is what lies beyond that range by more than three times its width: a slipped decimal
-- point, pounds for thousands, a share for per cent. Six earlier figures have to be there.
create or replace table warnings as
with figures as (
    select
        'performance' as feed, file_id, line, month, value, 'value' as field,
        concat_ws(' · ', measure_id, service_id, council_id) as series, period_kind
    from performance
    where value is not null
    union all
    select
        'volumes', file_id, line, period_end, quantity, 'quantity',
        concat_ws(' · ', unit, service_id, council_id), period_kind
    from staging.volumes
    where quantity is not null
),
ranged as (
    select
        *,
        count(*) over earlier as points,
        min(value) over earlier as low,
        max(value) over earlier as high
    from figures
    window earlier as (
        partition by feed, series, period_kind order by month rows between unbounded preceding and 1 preceding
    )
)
select r.feed, f.file, r.line, r.field, r.series, r.month, r.value, r.low, r.high, r.points
from ranged as r
join files as f using (file_id)
where
    r.points >= 6
    and (r.value > r.high + 3 * greatest(r.high - r.low, abs(r.high) / 10)
        or r.value < r.low - 3 * greatest(r.high - r.low, abs(r.low) / 10))
order by f.file, r.line;
