-- Which lines of the ledger are behind it?
--
-- Grain:       one row per line of the ledger (place): the largest first, whatever their sign, and of
--              the same size the newest. The ledger gives its lines no key of their own
-- Parameters:  $service_id                one service, or null for all
--              $council_ids               list of councils
--              $cost_type                 one cost type, '' for what names none, or null for all
--              $supplier                  one supplier, '' for lines that name none, or null for all
--              $from_month, $to_month     first and last month, inclusive
--              $at_most                   rows answered
-- Columns:     place               1 for the first of them
--              date, service_id, council_id, cost_type, supplier, description
--              amount_gbp          pounds; a refund or income is below 0

with ledger as (
    select * from ledger
    where date >= $from_month
        and date < cast($to_month as date) + interval '1' month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and ($cost_type is null or coalesce(cost_type, '') = $cost_type)
        and ($supplier is null or coalesce(supplier, '') = $supplier)
)
, first_of_them as (
    select date, service_id, council_id, cost_type, supplier, description, amount_gbp
    from ledger
    order by abs(amount_gbp) desc, date desc, supplier, description, council_id, service_id, cost_type
    limit $at_most
)

select
    row_number() over (
        order by abs(amount_gbp) desc, date desc, supplier, description, council_id, service_id, cost_type
    ) as place,
    date,
    service_id,
    council_id,
    cost_type,
    supplier,
    description,
    amount_gbp
from first_of_them
order by place
