-- Which measures are there, and what does each one's passport say?
--
-- Grain:       one row per measure (measure_id)
-- Parameters:  none
-- Columns:     measure_id, service_id, name, label, unit, kind, frequency   text
--              good_direction      higher · lower · range · neither
--              is_cumulative       boolean
--              months_due_every    1 · 3 · 6 · 12, what its frequency means; null where it says nothing
--                                  of that
--              rolling_months      months that each figure covers, where they overlap; else 0
--              multiplier          numerator ÷ denominator × multiplier is the value
--              has_parts           true where any figure came with numerator and denominator
--              definition, why_it_matters, owner_role, checked_by, source   text; null where waived
--              next_review         date
--              weight              how much it counts beside others; 1 unless the contract says
--              first_month, last_month   date; null where no figure was ever reported
--              newest_period, newest_file   text; the period of its newest figure and the export it
--                                  stands in (where several do, the first by name)
--              is_illustrative     true where any of its figures is

with measures as (select * from measures)
, figures as (
    select
        measure_id,
        min(month) as first_month,
        max(month) as last_month,
        max(case when numerator is not null and denominator is not null then 1 else 0 end) = 1 as has_parts,
        max(case when is_illustrative then 1 else 0 end) = 1 as is_illustrative
    from performance
    group by measure_id
)
, files as (select file_id, file from files)
, newest as (
    select
        p.measure_id,
        p.period,
        e.file,
        row_number() over (partition by p.measure_id order by p.month desc, p.period desc, e.file) as nth
    from performance as p
    left join files as e on e.file_id = p.file_id
)

select
    m.measure_id,
    m.service_id,
    m.name,
    m.label,
    m.unit,
    m.kind,
    m.frequency,
    m.months_due_every,
    m.good_direction,
    m.is_cumulative,
    m.rolling_months,
    m.multiplier,
    coalesce(f.has_parts, false) as has_parts,
    m.definition,
    m.why_it_matters,
    m.owner_role,
    m.checked_by,
    m.next_review,
    m.weight,
    m.source,
    f.first_month,
    f.last_month,
    n.period as newest_period,
    n.file as newest_file,
    coalesce(f.is_illustrative, false) as is_illustrative
from measures as m
left join figures as f on f.measure_id = m.measure_id
left join newest as n on n.measure_id = m.measure_id and n.nth = 1
order by m.service_id, m.label
