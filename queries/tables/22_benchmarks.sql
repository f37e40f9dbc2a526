-- What councils elsewhere reach: a group's mean and quartiles, to hold a measure against.
--
-- Grain:   one row per measure, council group and period
-- Columns: period_kind         month · quarter · half · financial year · …
--          from_month, month   first and last month of the period, first of the month
--          value               the group's mean, or its own figure; in the measure's unit
--          is_illustrative     as its resource says: a benchmark always names a source, so that a
--                              source does not tell a published one from one that is made up

create or replace table benchmarks as
with placed as (
    select
        b.*,
        -- A year of the publisher's own ends where the measure's own years end.
        case
            when b.period_kind = 'year' and m.year_end_month is not null
                then make_date(year(b.period_end), m.year_end_month::integer, 1)
            else b.period_end
        end as month
    from staging.benchmarks as b
    left join staging.measures as m using (measure_id)
)
select
    measure_id,
    council_group,
    period,
    period_kind,
    case when month = period_end then period_start else (month - interval 11 months)::date end as from_month,
    month,
    value,
    lower_quartile,
    median,
    upper_quartile,
    source,
    is_illustrative
from placed;
