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
--              year_before_gbp     pounds, in the same months of the year before, up to the same day
--                                  where a month is held to one; null throughout where they cannot be
--                                  compared
--              is_compared         whether the ledger has the same months of each council in both years,
--                                  and the same services served the same councils in them
--              missing             count of councils and months that the ledger lacks in these months
--              suppliers, all_lines, all_gbp   of all suppliers, those beyond $at_most included

with supplier_monthly as (
    select * from supplier_monthly
    where council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and ($cost_type is null or cost_type = $cost_type)
        and ($supplier is null or supplier = $supplier)
)
, ledger_months as (
    select * from ledger_months
    where council_id in (select council_id from supplier_monthly)
)
-- A year that has only begun in the ledger is compared as far as it has come.
, stretch as (
    select
        cast($from_month as date) as from_month,
        least(cast($to_month as date), max(month)) as to_month
    from ledger_months
)
, held_to as (
    select h.council_id, h.month - interval '12' month as month
    from held_to as h
    inner join stretch as s on h.month between s.from_month and s.to_month
)
, ledger_same_days as (
    select d.supplier, d.amount_gbp
    from ledger_same_days as d
    inner join held_to as h on h.council_id = d.council_id and h.month = d.month
    where ($service_id is null or d.service_id = $service_id)
        and ($cost_type is null or d.cost_type = $cost_type)
        and ($supplier is null or d.supplier = $supplier)
)
, pairs as (
    select service_id, council_id from supplier_monthly
    union
    select null, council_id from supplier_monthly
)
, reach as (
    select count(*) = 0 as is_compared
    from unlike_months as u
    inner join stretch as s on u.month between s.from_month and s.to_month
    inner join pairs as p
        on p.council_id = u.council_id and coalesce(p.service_id, '') = coalesce(u.service_id, '')
    where u.kind in ('ledger', 'membership')
)
, holes as (
    select count(l.month) as missing
    from ledger_months as l
    inner join stretch as s on l.is_missing and l.month between s.from_month and s.to_month
)
, figures as (
    select l.supplier, l.amount_gbp, l.lines, null as year_before_gbp
    from supplier_monthly as l
    inner join stretch as s on l.month between s.from_month and s.to_month
    union all
    select l.supplier, null, null, l.amount_gbp
    from supplier_monthly as l
    inner join stretch as s
        on l.month between s.from_month - interval '12' month and s.to_month - interval '12' month
    left join held_to as h on h.council_id = l.council_id and h.month = l.month
    where h.month is null
    union all
    select supplier, null, null, amount_gbp
    from ledger_same_days
)
, suppliers as (
    select
        supplier,
        sum(amount_gbp) as amount_gbp,
        sum(lines) as lines,
        sum(year_before_gbp) as year_before_gbp
    from figures
    group by supplier
)

select
    s.supplier,
    s.amount_gbp,
    s.lines,
    case when r.is_compared then s.year_before_gbp end as year_before_gbp,
    r.is_compared,
    h.missing,
    count(*) over () as suppliers,
    sum(s.lines) over () as all_lines,
    sum(s.amount_gbp) over () as all_gbp
from suppliers as s
cross join reach as r
cross join holes as h
where s.lines > 0
order by abs(s.amount_gbp) desc, s.supplier
limit $at_most
