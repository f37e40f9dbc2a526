-- The reference tables: memberships, measures, targets, events, published figures.
--
-- A workspace that has no memberships serves every council it reports on, for as long as it reports.

create or replace table memberships as
select
    service_id,
    council_id,
    "from" as from_month,
    coalesce("to", date '9999-12-01') as to_month
from staging.memberships;

-- `months_due_every` is what `frequency` means (dashboard/load/frequency.py): 1, 3, 6, 12 or null.
-- `multiplier` turns numerator ÷ denominator into the value: 100 where the unit is per cent.
-- `label` is the name, with the id behind it where two measures share a name.
create or replace table measures as
select
    measure_id,
    service_id,
    name,
    case when count(*) over (partition by name) > 1 then name || ' (' || measure_id || ')' else name end
        as label,
    unit,
    coalesce(good_direction, 'neither') as good_direction,
    frequency,
    months_due_every(frequency) as months_due_every,
    coalesce(cumulative, false) as is_cumulative,
    definition,
    why_it_matters,
    owner_role,
    checked_by,
    next_review,
    source,
    kind,
    year_end_month,
    coalesce(weight, 1) as weight,
    coalesce(rolling_months, 0) as rolling_months,
    coalesce(screen_outliers, true) as screens_outliers,
    -- One point alone has no moving range.
    case when fix_limits_after > 1 then fix_limits_after end as fix_limits_after,
    coalesce(numerator_multiplier / coalesce(denominator_multiplier, 1), case when unit = '%' then 100 when unit like 'per 1,000%' then 1000 else 1 end)
        as multiplier
from staging.measures;

create or replace table targets as
select
    measure_id,
    council_id,
    "from" as from_month,
    coalesce("to", date '9999-12-01') as to_month,
    target,
    coalesce(tolerance, 0) as tolerance,
    coalesce(rule, 'no_tolerance') as rule
from staging.targets;

create or replace table events as
select
    date as event_date,
    date_trunc('month', date)::date as month,
    title,
    service_id,
    council_id,
    measure_id,
    kind,
    coalesce(rebase, false) or coalesce(lower(kind) = 'definition', false) as is_rebase,
    source
from staging.events;

create or replace table published as
select period, period_end as month, topic, council_id, service_id, figure, unit, text, source, feed
from staging.published;
