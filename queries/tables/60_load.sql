-- What the load has to say of its files: rows set aside, rows skipped, and figures that look doubtful.
--
-- Of withheld files (dashboard/load/withheld.py) no text of a line and no value is shown, and why a
-- figure was set aside is told without what the row says.

create or replace table set_aside as
select
    p.file_id,
    p.feed,
    f.file,
    p.line,
    p.field,
    case when w.file_id is null then p.value end as value,
    p.expected,
    -- The reason without the row's own values, so that rows wrong in one way can be counted.
    regexp_replace(split_part(p.reason, ';', 1), '''[^'']*''|\([^)]*\)|[0-9][0-9.,]*', '…', 'g') as rule,
    case when w.file_id is null or is_of_key(p.feed, p.field) then p.reason else rule end as reason,
    case when w.file_id is null then p.row_text end as row_text,
    w.file_id is not null as is_withheld
from staging.problems as p
join files as f using (file_id)
left join staging.withheld_files as w using (file_id)
order by f.file, p.line, p.part, p.field;

create or replace table skipped as
select
    s.file_id,
    s.feed,
    f.file,
    s.line,
    s.reason,
    case when w.file_id is null then s.row_text end as row_text,
    w.file_id is not null as is_withheld
from staging.skipped as s
join files as f using (file_id)
left join staging.withheld_files as w using (file_id)
order by f.file, s.line;

-- A figure that looks doubtful, which is loaded all the same.
--
-- Grain:   one row per figure, or per file and field (series null)
-- Columns: value           the figure; null of a whole file
--          low, high       the range of the `points` figures that it is held against
--          beside          before · season · year, as in the table `doubtful`; file: of most series of
--                          the file, its figures lie `times` as high as those of other files
--
-- Money and quantities of a whole file that are some hundred, thousand or million times what other
-- files have, or that part of them, are in another unit: thousands for pounds, pence. Three series,
-- and nine tenths of those that other files have, have to agree; seasons do not come near.
create or replace table warnings as
with volumes as (
    select
        *,
        concat_ws(' · ', unit, service_id, council_id) as series,
        count(*) over earlier as points,
        min(quantity) over earlier as low,
        max(quantity) over earlier as high
    from staging.volumes
    where quantity is not null
    window earlier as (
        partition by unit, service_id, council_id, period_kind
        order by period_end rows between unbounded preceding and 1 preceding
    )
),
amounts as (
    select 'costs' as feed, file_id, 'actual_gbp' as field,
        concat_ws(' · ', service_id, council_id, cost_type, budget_block, period_kind) as series, actual_gbp::double as amount
    from staging.costs
    union all
    select 'costs', file_id, 'budget_gbp',
        concat_ws(' · ', service_id, council_id, cost_type, budget_block, period_kind), budget_gbp::double
    from staging.costs
    union all
    select 'ledger', file_id, 'amount_gbp', concat_ws(' · ', service_id, council_id, cost_type), amount_gbp::double / lines
    from staging.ledger_sums
    union all
    select 'volumes', file_id, 'quantity', concat_ws(' · ', unit, service_id, council_id, period_kind), quantity
    from staging.volumes
    union all
    select 'performance', p.file_id, 'value',
        concat_ws(' · ', p.measure_id, p.service_id, p.council_id, p.period_kind), p.value
    from staging.performance as p
    join measures as m using (measure_id)
    where not m.is_cumulative and m.unit not in ('%', 'share') and not coalesce(p.is_suppressed or lower(p.status) = 'suppressed', false)
),
of_files as (
    select feed, file_id, field, series, median(abs(amount)) as middle
    from amounts
    where amount != 0
    group by all
),
of_series as (
    select feed, field, series, count(*) as files, median(middle) as usual
    from of_files
    group by all
    having files >= 2
),
drifts as (
    select
        o.feed,
        o.file_id,
        o.field,
        count(*) as points,
        median(o.middle / e.usual) as times,
        min(e.usual) as low,
        max(e.usual) as high,
        count(*) filter (o.middle > e.usual * 30) as larger,
        count(*) filter (o.middle < e.usual / 30) as smaller
    from of_files as o
    join of_series as e using (feed, field, series)
    -- Of two files nobody knows which is right: a third has to be there.
    where e.files >= 3
    group by all
    having points >= 3 and greatest(larger, smaller) >= 0.9 * points
)
select
    'performance' as feed,
    f.file,
    p.line,
    'value' as field,
    concat_ws(' · ', d.measure_id, d.service_id, d.council_id) as series,
    d.month,
    d.value,
    d.low,
    d.high,
    d.points,
    d.beside,
    null::double as times
from doubtful as d
join performance as p using (service_id, council_id, measure_id, period_kind, period, month)
join files as f using (file_id)
union all
select 'volumes', f.file, v.line, 'quantity', v.series, v.period_end, v.quantity, v.low, v.high, v.points, 'before', null
from volumes as v
join files as f using (file_id)
where
    v.points >= 6
    and (v.quantity > v.high + 3 * greatest(v.high - v.low, abs(v.high) / 10)
        or v.quantity < v.low - 3 * greatest(v.high - v.low, abs(v.low) / 10))
union all
select d.feed, f.file, null, d.field, null, null, null, d.low, d.high, d.points, 'file', d.times
from drifts as d
join files as f using (file_id)
order by 2, 3 nulls first, 4, 5;
