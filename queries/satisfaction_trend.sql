-- How satisfied are customers, survey by survey, how surely is it known, and what really changed?
--
-- Grain:       one row per service, customer and wave; council_id null is all customers together,
--              service_id null is all services together
-- Parameters:  $service_id               one service, or null for all and each
--              $council_ids              list of customers
--              $from_month, $to_month    first and last month, inclusive
-- Columns:     month               date, the wave
--              period              text
--              invited, answered   count; answered with the don't knows; null where not published
--              respondents         count of those who gave one of the five answers; null where hidden
--                                  or not published
--              very_satisfied, fairly_satisfied, neither, fairly_dissatisfied, very_dissatisfied,
--              dont_know           count; like invited and answered null where is_broken_down is false
--              satisfied_share     share 0-1 of the respondents, a ratio of sums; null where hidden
--              is_from_shares      a published share × respondents stands for a count that is not
--                                  published, here or in a part
--              share_low, share_high   Wilson's 95% interval of it; null without respondents
--              response_share      share 0-1, answered of invited
--              share_before        share 0-1 in the wave before, month_before, of respondents_before;
--                                  null where there is none that can be shown
--              change_low, change_high   Newcombe's 95% interval of the change since then
--              is_real_change      that interval does not hold 0; null without both counts
--              share_year_before   share 0-1, the wave twelve months earlier
--              is_hidden           fewer than ten answered, or showing it would let such a figure be
--                                  worked out (dashboard/load/small_numbers.py)
--              is_broken_down      false where so few gave some answer that only respondents and
--                                  satisfied_share are shown, or nothing
--              is_illustrative     true where any part is
-- Totals are of everybody asked, whoever is chosen: differences between totals of chosen customers
-- would give away what is hidden.

with surveys as (select * from surveys)

select
    n.service_id,
    n.council_id,
    n.month,
    n.period,
    n.invited,
    n.answered,
    n.respondents,
    n.very_satisfied,
    n.fairly_satisfied,
    n.neither,
    n.fairly_dissatisfied,
    n.very_dissatisfied,
    n.dont_know,
    n.satisfied_share,
    n.is_from_shares,
    n.share_low,
    n.share_high,
    n.response_share,
    n.month_before,
    n.share_before,
    n.respondents_before,
    n.change_low,
    n.change_high,
    n.is_real_change,
    b.satisfied_share as share_year_before,
    n.is_hidden,
    n.is_broken_down,
    n.is_illustrative
from surveys as n
left join surveys as b
    on coalesce(b.service_id, '') = coalesce(n.service_id, '')
    and coalesce(b.council_id, '') = coalesce(n.council_id, '')
    and b.month = n.month - interval '12' month
where n.month between $from_month and $to_month
    and ($service_id is null or n.service_id = $service_id)
    and (n.council_id is null or n.council_id in (select unnest($council_ids)))
order by n.service_id, n.council_id, n.month
