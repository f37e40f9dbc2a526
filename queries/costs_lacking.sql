-- Which costs were due in a stretch of months and are not there?
--
-- Grain:       one row per service, council, cost type, budget block and period (service_id,
--              council_id, cost_type, budget_block, month)
-- Parameters:  $service_id                one service, or null for all
--              $council_ids               list of councils
--              $cost_type, $budget_block  one of each, '' for what names none, or null for all
--              $from_month, $to_month     first and last month, inclusive
-- Columns:     period, period_start, month   the period's label, and its first and last month
--              budget_gbp          pounds; null where there is no row at all
--              is_absent           there is no row; else there is one without an actual
--              is_in_part          other cost types or blocks of the service and council are there
--              is_everything       nothing that was asked for is there in that month, for one reason
--              is_open             the period is not over in the last month: it is not known so far

with chosen as (
    select
        *,
        case when month > $to_month then 1 else 0 end as open,
        count(actual_gbp) over (partition by service_id, council_id, month) as reported,
        count(actual_gbp) over (partition by month) as reported_by_any,
        max(case when is_absent then 1 else 0 end) over (partition by month)
        - min(case when is_absent then 1 else 0 end) over (partition by month) as differ
    from costs_whole
    where council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and ($cost_type is null or cost_type = $cost_type)
        and ($budget_block is null or budget_block = $budget_block)
        and month >= $from_month
        and period_start <= $to_month
)

select
    service_id,
    council_id,
    cost_type,
    budget_block,
    period,
    period_start,
    month,
    budget_gbp,
    is_absent,
    open = 0 and reported > 0 as is_in_part,
    reported_by_any = 0 and differ = 0 as is_everything,
    open = 1 as is_open
from chosen
where (open = 0 and is_lacking and month <= (select max(month) from costs_whole where actual_gbp is not null))
    or (open = 1 and actual_gbp is not null)
order by month, service_id, council_id, cost_type, budget_block
