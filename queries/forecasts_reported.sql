-- What was forecast of each year's outturn as the year went on, and what did it come to?
--
-- Grain:       one row per month of report, service and council (month, service_id, council_id);
--              service_id null is all services, council_id null all chosen councils together
-- Parameters:  $service_id                one service, or null for all
--              $council_ids               list of councils
--              $cost_type, $budget_block  one of each, '' for what names none, or null for all
--              $to_month                  the last month counted
-- Columns:     financial_year, month   the year, and the month in which its outturn was forecast
--              parts, forecast_parts   counts of services × councils × cost types × blocks, and of those
--                                      that had a forecast or had ended
--              forecast_gbp            pounds, of the parts that had one
--              outturn_gbp             pounds, of all parts
--              outturn_of_them_gbp     pounds, of the parts that had a forecast; the outturns are null
--                                      while the year lasts, or where an actual is missing

with forecasts as (
    select * from cost_forecasts
    where month <= $to_month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and ($cost_type is null or cost_type = $cost_type)
        and ($budget_block is null or budget_block = $budget_block)
)
, known as (
    select
        *,
        -- The year is over where its March was reached.
        case
            when $to_month >= cast(concat(cast(cast(substring(financial_year, 1, 4) as integer) + 1 as varchar), '-03-01') as date)
            then outturn_gbp
        end as so_known_gbp
    from forecasts
)

select
    financial_year,
    month,
    service_id,
    council_id,
    count(*) as parts,
    count(forecast_gbp) as forecast_parts,
    sum(forecast_gbp) as forecast_gbp,
    case when count(so_known_gbp) = count(*) then sum(so_known_gbp) end as outturn_gbp,
    case
        when count(so_known_gbp) = count(*)
        then sum(case when forecast_gbp is not null then so_known_gbp end)
    end as outturn_of_them_gbp
from known
group by grouping sets (
    (financial_year, month, service_id),
    (financial_year, month, council_id),
    (financial_year, month)
)
having count(forecast_gbp) > 0
order by month, service_id, council_id
