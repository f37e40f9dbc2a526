-- Who was paid how much, and how much in the same months of the year before?
--
-- Grain:       one row per supplier (supplier), the largest sums first, whatever their sign
-- Parameters:  $service_id                one service, or null for all
--              $council_ids               list of councils
--              $cost_type                 one cost type, '' for what names none, or null for all
--              $supplier                  one supplier, '' for lines that name none, or null for all
--              $from_month, $to_month     first and last month, inclusive
--              $at_most                   rows answered
-- Columns:     supplier            text, '' for lines that name none
--              amount_gbp, lines   pounds and lines of the ledger
--              year_before_gbp     pounds, in the same months of the year before; null throughout
--                                  where the ledger does not reach back to the first of them
--              is_compared         whether it does
--              suppliers, all_lines, all_gbp   of all suppliers, those beyond $at_most included

with ledger as (
    select * from supplier_monthly
    where council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and ($cost_type is null or cost_type = $cost_type)
        and ($supplier is null or supplier = $supplier)
)
, reach as (
    select min(month) <= cast($from_month as date) - interval '12' month as is_compared
    from supplier_monthly
)
, suppliers as (
    select
        supplier,
        sum(case when month between $from_month and $to_month then amount_gbp end) as amount_gbp,
        sum(case when month between $from_month and $to_month then lines end) as lines,
        sum(
            case
                when month between cast($from_month as date) - interval '12' month
                    and cast($to_month as date) - interval '12' month
                then amount_gbp
            end
        ) as year_before_gbp
    from ledger
    group by supplier
)

select
    s.supplier,
    s.amount_gbp,
    s.lines,
    case when r.is_compared then s.year_before_gbp end as year_before_gbp,
    r.is_compared,
    count(*) over () as suppliers,
    sum(s.lines) over () as all_lines,
    sum(s.amount_gbp) over () as all_gbp
from suppliers as s
cross join reach as r
where s.lines > 0
order by abs(s.amount_gbp) desc, s.supplier
limit $at_most
