-- What did a piece of work cost, from April to the same month of each year, and in whole years?
--
-- Grain:       one row per service, council, unit and last month of the stretch, which begins in
--              April (service_id, council_id, unit, month); council_id null is all chosen councils
--              together
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $to_month                 the last month counted
-- Columns:     is_main             the unit by which the service's cost is told
--              kind                flow · level · headcount
--              months              count, from April to this month
--              is_newest           true for the newest stretch of the service and unit
--              is_comparable       true where it ends in the same month of the year as the newest;
--                                  the others are whole years
--              true_cost_gbp       pounds; the service's whole true cost, whatever the unit
--              quantity_sum, divisor   quantity is the one ÷ the other: the divisor is 1 of a flow,
--                                  the number of months of what is averaged
--              months_served       count of months × councils that were served
--              months_missing      count of those without a cost or without a quantity
--              served_mask         of one council: which months it was served, April as 1, May as 2 …
--              is_whole            true where nothing is missing and every period has ended
--              unit_cost_gbp       pounds: sums over sums; null where not whole or without work
--              is_illustrative     true where any part is

with unit_costs as (
    select * from unit_costs
    where council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and month <= $to_month
)
, newest as (
    select service_id, unit, max(month) as month
    from unit_costs
    where is_at_end and months_known > 0
    group by service_id, unit
)
, stretches as (
    select
        u.*,
        n.month as newest_month,
        case when extract(month from u.month) = extract(month from n.month) then 1 else 0 end as comparable
    from unit_costs as u
    inner join newest as n on n.service_id = u.service_id and n.unit = u.unit
    where u.month <= n.month
        and (extract(month from u.month) = extract(month from n.month) or extract(month from u.month) = 3)
)
, sums as (
    select
        service_id,
        council_id,
        unit,
        month,
        max(case when is_main then 1 else 0 end) = 1 as is_main,
        max(kind) as kind,
        max(months) as months,
        max(case when month = newest_month then 1 else 0 end) = 1 as is_newest,
        max(comparable) = 1 as is_comparable,
        sum(true_cost_gbp) as true_cost_gbp,
        sum(quantity_sum) as quantity_sum,
        case when max(kind) = 'flow' then 1 else max(months) end as divisor,
        sum(months_served) as months_served,
        sum(months_served) - sum(months_known) as months_missing,
        case when count(*) = 1 then max(served_mask) end as served_mask,
        sum(months_served) = sum(months_known)
        and sum(months_served) > 0
        and min(case when is_at_end then 1 else 0 end) = 1 as is_whole,
        max(case when is_illustrative then 1 else 0 end) = 1 as is_illustrative
    from stretches
    group by grouping sets ((service_id, council_id, unit, month), (service_id, unit, month))
)

select
    service_id,
    council_id,
    unit,
    month,
    is_main,
    kind,
    months,
    is_newest,
    is_comparable,
    true_cost_gbp,
    quantity_sum,
    divisor,
    months_served,
    months_missing,
    served_mask,
    is_whole,
    case when is_whole and quantity_sum > 0 then true_cost_gbp * divisor / quantity_sum end as unit_cost_gbp,
    is_illustrative
from sums
order by service_id, unit, month, council_id
