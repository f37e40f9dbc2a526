-- Which figures are doubtful: far outside the history of their own series, or of its time of the year?
--
-- Grain:   one row per figure (service, council, measure, period_kind, period)
-- Columns: value           the figure
--          low, high       the range of the `points` figures it is held against
--          beside          those: before (earlier ones) · season (the same time of earlier years) ·
--                          year (of a cumulative measure, those of its own year)
--
-- Loaded all the same, and told of wherever they are shown: a slipped decimal point, pounds for
-- thousands, March's figure in April. Doubtful is what lies beyond the range by more than three times
-- its width, a tenth of its size at least:
-- 1. of the figures before it, of which six have to be there; unless the same month of another year
--    lies there too;
-- 2. of the same month of earlier years. Of a cumulative measure beyond three tenths of what a year
--    reached, by two years, and beyond half of it by one. Of others what lies off the usual figure
--    of its month is held against how far earlier figures lay off theirs, twelve months or four
--    quarters of them. Only where a year swings by half its level or more, and the figure by most of
--    that swing: a level that moves is no season.
-- 3. of its own year, where what is cumulative falls to less than half. What starts anew in January,
--    in September or at the measure's own year end is not doubtful for falling then.

create or replace table doubtful as
with figures as (
    select
        p.service_id,
        p.council_id,
        p.measure_id,
        p.period_kind,
        p.period,
        p.month,
        p.value,
        month(p.month) as season,
        year(p.month) - (month(p.month) < 4)::integer as financial_year,
        coalesce(m.is_cumulative, false) as is_cumulative,
        -- Falls to the first months of other years are no slips.
        [1, 9, coalesce(m.year_end_month % 12 + 1, 4)] as new_years
    from performance as p
    left join measures as m using (measure_id)
    where p.value is not null
),
ranged as (
    select
        *,
        count(*) over earlier as points,
        min(value) over earlier as low,
        max(value) over earlier as high,
        max(abs(value)) over earlier as most,
        avg(abs(value)) over earlier as level,
        max(value) over other_years as other_high,
        min(value) over other_years as other_low,
        count(*) over of_season as season_points,
        min(value) over of_season as season_low,
        max(value) over of_season as season_high,
        value - avg(value) over of_season as off_season,
        lag(value) over of_year as before_in_year,
        lead(season) over of_year as next_season,
        count(*) over rest_of_year as after_in_year,
        max(value) over rest_of_year as most_after,
        min(value) over rest_of_year as least_after
    from figures
    window
        earlier as (
            partition by service_id, council_id, measure_id, period_kind
            order by month rows between unbounded preceding and 1 preceding
        ),
        of_season as (
            partition by service_id, council_id, measure_id, period_kind, season
            order by month rows between unbounded preceding and 1 preceding
        ),
        other_years as (
            partition by service_id, council_id, measure_id, period_kind, season
            order by month rows between unbounded preceding and unbounded following exclude current row
        ),
        of_year as (
            partition by service_id, council_id, measure_id, period_kind, financial_year order by month
        ),
        rest_of_year as (
            partition by service_id, council_id, measure_id, period_kind, financial_year
            order by month rows between 1 following and unbounded following
        )
),
off_ranged as (
    select
        *,
        count(off_season) over earlier as offs,
        min(off_season) over earlier as off_low,
        max(off_season) over earlier as off_high
    from ranged
    window earlier as (
        partition by service_id, council_id, measure_id, period_kind
        order by month rows between unbounded preceding and 1 preceding
    )
),
found as (
    select
        *,
        high + 3 * greatest(high - low, abs(high) / 10) as far_above,
        low - 3 * greatest(high - low, abs(low) / 10) as far_below,
        points >= 6 and (
            (value > far_above and coalesce(other_high <= far_above, true))
            or (value < far_below and coalesce(other_low >= far_below, true))
        ) as is_beyond_all,
        coalesce(
            case
                when is_cumulative and season_points >= 2 then
                    value > season_high + 3 * greatest(season_high - season_low, most / 10)
                    or value < season_low - 3 * greatest(season_high - season_low, most / 10)
                when is_cumulative and season_points = 1 and points >= case period_kind when 'month' then 6 else 2 end
                    then abs(value - season_high) > most / 2
                when not is_cumulative and offs >= case period_kind when 'month' then 12 when 'quarter' then 4 end then
                    high - low >= level / 2
                    and abs(off_season) >= 0.6 * (high - low)
                    and (
                        off_season > off_high + 3 * greatest(off_high - off_low, abs(season_high) / 10)
                        or off_season < off_low - 3 * greatest(off_high - off_low, abs(season_low) / 10)
                    )
            end,
            false
        ) as is_beyond_season,
        coalesce(
            is_cumulative and (
                -- It stands out above all that follows.
                (after_in_year >= 2 and value > 0 and most_after >= 0 and most_after < value / 2
                    and not list_contains(new_years, next_season))
                -- Or it falls below what stood before, and that did not stand out.
                or (before_in_year > 0 and value >= 0 and value < before_in_year / 2
                    and (after_in_year < 2 or most_after > before_in_year / 2)
                    and not list_contains(new_years, season))
            ),
            false
        ) as is_beyond_year
    from off_ranged
)
select
    service_id,
    council_id,
    measure_id,
    period_kind,
    period,
    month,
    value,
    case
        when is_beyond_season then 'season'
        when is_beyond_all then 'before'
        else 'year'
    end as beside,
    case beside when 'season' then season_low when 'before' then low else coalesce(least_after, before_in_year) end as low,
    case beside when 'season' then season_high when 'before' then high else coalesce(most_after, before_in_year) end as high,
    case beside when 'season' then season_points when 'before' then points else greatest(after_in_year, 1) end as points
from found
where is_beyond_all or is_beyond_season or is_beyond_year;

alter table performance add column if not exists is_doubtful boolean default false;
update performance as p
set is_doubtful = true
from doubtful as d
where
    d.service_id = p.service_id
    and d.council_id = p.council_id
    and d.measure_id = p.measure_id
    and d.period_kind = p.period_kind
    and d.period = p.period
    and d.month = p.month;
