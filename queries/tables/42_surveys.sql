-- What may be shown of the customer survey: each service and customer, and every total.
--
-- Grain:   one row per wave (month), service_id and council_id; council_id null is all customers
--          together, service_id null is all services together
-- Columns: is_hidden        hidden whole by the table staging.hidden_survey (dashboard/load/small_numbers.py);
--                           all figures are null then, of this wave and as the one before
--          is_broken_down   false where only respondents and satisfied_share may be shown, or nothing:
--                           invited, answered and each answer are null then
--          answered         respondents and don't knows; null where not published
--          respondents      who gave one of the five answers; null where not published, or not of
--                           every part of a total
--          satisfied_share  share 0-1 of the respondents, a ratio of sums; as exported where neither
--                           counts nor respondents are published, and then of no total
--          is_from_shares   a published share × respondents stands for a count of the satisfied that is
--                           not published, here or in a part: as near as the share was rounded
--          share_low, share_high   Wilson's 95% score interval of satisfied_share; null without
--                           respondents
--          response_share   share 0-1, answered of invited
--          month_before     the wave before of the same service and customer, with its share_before
--                           and respondents_before; null where it is hidden or there is none
--          change_low, change_high   Newcombe's 95% hybrid score interval of the change of the share
--                           since then (Newcombe 1998, method 10), made of the two Wilson intervals
--          is_real_change   the interval does not hold 0; null without both counts

create or replace table surveys as
with answers as (
    -- A row without any figure tells nothing, not even that there was a survey.
    select
        *,
        coalesce(satisfied, satisfied_share * respondents) as satisfied_near,
        satisfied is null and satisfied_near is not null as is_from_shares
    from staging.answers
    where coalesce(respondents, invited, satisfied_share) is not null
),
-- A sum of all parts, or nothing: a total of some would pass for one of all.
sums as (
    select
        month,
        max(period) as period,
        service_id,
        council_id,
        case when count(invited) = count(*) then sum(invited)::bigint end as invited,
        case when count(respondents) = count(*) then sum(respondents)::bigint end as respondents,
        case when count(respondents) = count(*) and count(satisfied) = count(*) then sum(satisfied)::bigint end as satisfied,
        case when count(respondents) = count(*) and count(satisfied_near) = count(*) then sum(satisfied_near) end as satisfied_near,
        case when count(respondents) = count(*) and count(satisfied_near) = count(*) then bool_or(is_from_shares) else false end as is_from_shares,
        case when count(*) = 1 then max(satisfied_share) end as only_share,
        case when count(very_satisfied) = count(*) then sum(very_satisfied)::bigint end as very_satisfied,
        case when count(fairly_satisfied) = count(*) then sum(fairly_satisfied)::bigint end as fairly_satisfied,
        case when count(neither) = count(*) then sum(neither)::bigint end as neither,
        case when count(fairly_dissatisfied) = count(*) then sum(fairly_dissatisfied)::bigint end as fairly_dissatisfied,
        case when count(very_dissatisfied) = count(*) then sum(very_dissatisfied)::bigint end as very_dissatisfied,
        case when count(dont_know) = count(*) then sum(dont_know)::bigint end as dont_know,
        bool_or(is_illustrative) as is_illustrative
    from answers
    group by grouping sets ((month, service_id, council_id), (month, service_id), (month, council_id), (month))
),
shown as (
    select
        s.month,
        s.period,
        s.service_id,
        s.council_id,
        coalesce(h.is_whole, false) as is_hidden,
        h.month is null as is_broken_down,
        -- The rules for small numbers know counts. What shares stand for is told of cells, and of totals
        -- only where nothing of the wave is hidden.
        not coalesce(h.is_whole, false) and (
            not s.is_from_shares
            or (s.service_id is not null and s.council_id is not null)
            or count(h.month) over (partition by s.month) = 0
        ) as tells_of_shares,
        s.is_illustrative,
        s.* exclude (month, period, service_id, council_id, is_illustrative)
    from sums as s
    left join staging.hidden_survey as h
        on h.month = s.month
        and h.service_id is not distinct from s.service_id
        and h.council_id is not distinct from s.council_id
),
allowed as (
    select
        month,
        period,
        service_id,
        council_id,
        is_hidden,
        is_broken_down,
        is_illustrative,
        case when is_broken_down then invited end as invited,
        case when is_broken_down then respondents + coalesce(dont_know, 0) end as answered,
        case when not is_hidden then respondents end as respondents,
        case when not is_hidden then satisfied end as satisfied,
        case when is_broken_down then very_satisfied end as very_satisfied,
        case when is_broken_down then fairly_satisfied end as fairly_satisfied,
        case when is_broken_down then neither end as neither,
        case when is_broken_down then fairly_dissatisfied end as fairly_dissatisfied,
        case when is_broken_down then very_dissatisfied end as very_dissatisfied,
        case when is_broken_down then dont_know end as dont_know,
        is_from_shares and tells_of_shares as is_from_shares,
        case when tells_of_shares then satisfied_near end as satisfied_near,
        -- A share as it was published stays as it is.
        case
            when not is_hidden
                then coalesce(
                    satisfied / nullif(respondents, 0),
                    only_share,
                    case when tells_of_shares then satisfied_near end / nullif(respondents, 0)
                )
        end as satisfied_share
    from shown
),
intervals as (
    select
        * exclude (satisfied_near),
        proportion_interval(case when satisfied_near is not null then satisfied_share end, nullif(respondents, 0)) as bounds,
        answered / nullif(invited, 0) as response_share
    from allowed
),
beside as (
    select
        * exclude (bounds),
        bounds.low as share_low,
        bounds.high as share_high,
        lag(month) over earlier as month_before,
        lag(satisfied_share) over earlier as share_before,
        lag(respondents) over earlier as respondents_before,
        lag(bounds.low) over earlier as low_before
    from intervals
    window earlier as (partition by service_id, council_id order by month)
),
changes as (
    select
        * exclude (low_before, month_before),
        case when share_before is not null then month_before end as month_before,
        change_interval(
            case when share_low is not null and low_before is not null then satisfied_share end,
            nullif(respondents, 0),
            share_before,
            nullif(respondents_before, 0)
        ) as change
    from beside
)
select
    * exclude (change),
    change.low as change_low,
    change.high as change_high,
    change.low > 0 or change.high < 0 as is_real_change
from changes
order by month, service_id nulls first, council_id nulls first;
