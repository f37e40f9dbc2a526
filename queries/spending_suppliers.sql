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
--                                  where the last month is open; null throughout where they cannot be
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
, open_months as (
    select o.council_id, o.month - interval '12' month as month
    from open_months as o
    inner join stretch as s on o.month between s.from_month and s.to_month
)
, ledger_same_days as (
    select d.supplier, d.amount_gbp
    from ledger_same_days as d
    inner join open_months as o on o.council_id = d.council_id and o.month = d.month
    where ($service_id is null or d.service_id = $service_id)
        and ($cost_type is null or d.cost_type = $cost_type)
        and ($supplier is null or d.supplier = $supplier)
)
, both_years as (
    select m.council_id, m.month, max(case when m.is_missing then 1 else 0 end) as missing
    from (
        select l.council_id, l.month, l.is_missing
        from ledger_months as l
        inner join stretch as s on l.month between s.from_month and s.to_month
        union all
        select l.council_id, l.month + interval '12' month, l.is_missing
        from ledger_months as l
        inner join stretch as s
            on l.month between s.from_month - interval '12' month and s.to_month - interval '12' month
    ) as m
    group by m.council_id, m.month
    having count(*) = 1 or max(case when m.is_missing then 1 else 0 end) = 1
)
-- Spells of service that do not cover the same months of both years.
, spells as (
    select
        greatest(m.from_month, s.from_month) as first_now,
        least(m.to_month, s.to_month) as last_now,
        greatest(m.from_month + interval '12' month, s.from_month) as first_before,
        least(m.to_month, s.to_month - interval '12' month) + interval '12' month as last_before
    from memberships as m
    inner join (select distinct service_id, council_id from supplier_monthly) as l
        on l.service_id = m.service_id and l.council_id = m.council_id
    cross join stretch as s
)
, unlike as (
    select *
    from spells
    where (first_now <= last_now or first_before <= last_before)
        and (first_now <> first_before or last_now <> last_before)
)
, reach as (
    select max(b.holes) = 0 and max(u.pairs) = 0 as is_compared
    from (select count(*) as holes from both_years) as b
    cross join (select count(*) as pairs from unlike) as u
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
    left join open_months as o on o.council_id = l.council_id and o.month = l.month
    where o.month is null
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
