-- Which measures are there, and what does each one's passport say?
--
-- Grain:       one row per measure (measure_id)
-- Parameters:  none
-- Columns:     measure_id, service_id, name, label, unit, kind, frequency   text
--              good_direction      higher · lower · range · neither
--              is_cumulative       boolean
--              definition, why_it_matters, owner_role, checked_by, source   text; null where waived
--              next_review         date
--              weight              how much it counts beside others; 1 unless the contract says
--              rolling_months      months that each figure covers, where they overlap; else 0
--              first_month, last_month   date; null where no figure was ever reported
--              is_illustrative     true where any of its figures is

with measures as (select * from measures)
, figures as (
    select
        measure_id,
        min(month) as first_month,
        max(month) as last_month,
        max(case when is_illustrative then 1 else 0 end) = 1 as is_illustrative
    from performance
    group by measure_id
)

select
    m.measure_id,
    m.service_id,
    m.name,
    m.label,
    m.unit,
    m.kind,
    m.frequency,
    m.good_direction,
    m.is_cumulative,
    m.definition,
    m.why_it_matters,
    m.owner_role,
    m.checked_by,
    m.next_review,
    m.weight,
    m.rolling_months,
    m.source,
    f.first_month,
    f.last_month,
    coalesce(f.is_illustrative, false) as is_illustrative
from measures as m
left join figures as f on f.measure_id = m.measure_id
order by m.service_id, m.label
