-- Which months does the ledger lack?
--
-- Grain:       one row per council and month (council_id, month)
-- Parameters:  $council_ids              list of councils
--              $from_month, $to_month    first and last month, inclusive
-- Columns:     month       date, first of the month
--              is_all      none of these councils has a line in the month

with ledger_months as (
    select
        council_id, month, is_missing,
        min(case when is_missing then 1 else 0 end) over (partition by month) = 1 as is_all
    from ledger_months
    where council_id in (select unnest($council_ids))
        and month between $from_month and $to_month
)

select council_id, month, is_all
from ledger_months
where is_missing
order by month, council_id
