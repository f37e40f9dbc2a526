-- Answers to the customer survey, as exported: workings. What readers have is `surveys`, which shows
-- no more of it than small numbers allow.
--
-- Grain:   one row per wave, service and customer
-- Columns: month            date, first of the wave's last month: the wave
--          satisfied        very and fairly satisfied together, where only those are given
--          satisfied_share  share 0-1 of the respondents; as exported where counts are not published
-- Waves are of one kind of period, the one with most rows: a quarter beside its months would count
-- its answers twice, and tell by subtraction what is hidden of a month.

create or replace table staging.answers as
with kinds as (
    select period_kind from staging.satisfaction group by period_kind order by count(*) desc, period_kind limit 1
),
answers as (
    select
        *,
        case
            when satisfied is not null then satisfied
            when respondents = 0 then 0
            else very_satisfied + fairly_satisfied
        end as satisfied_in_all
    from staging.satisfaction
    semi join kinds using (period_kind)
)
select
    period,
    period_end as month,
    service_id,
    council_id,
    invited,
    respondents,
    satisfied_in_all as satisfied,
    case when respondents > 0 then coalesce(satisfied_in_all / respondents, satisfied_share) else satisfied_share end
        as satisfied_share,
    very_satisfied,
    fairly_satisfied,
    neither,
    fairly_dissatisfied,
    very_dissatisfied,
    dont_know,
    source,
    is_illustrative and source is null as is_illustrative
from answers;
