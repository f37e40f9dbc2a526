-- Which cost types and budget blocks do the costs and the ledger have?
--
-- Grain:       one row per cost type and budget block (cost_type, budget_block)
-- Parameters:  none
-- Columns:     cost_type       text, '' where none is named
--              budget_block    shared · non_shared, as exported; '' where none is named, as in a ledger
--              has_budget      whether any of its costs has a budget

with kinds as (
    select coalesce(cost_type, '') as cost_type, coalesce(budget_block, '') as budget_block, budget_gbp
    from costs
    union all
    select coalesce(cost_type, ''), '', null
    from ledger_monthly
    where coalesce(cost_type, '') not in (select coalesce(cost_type, '') from costs)
)

select cost_type, budget_block, count(budget_gbp) > 0 as has_budget
from kinds
group by cost_type, budget_block
order by cost_type, budget_block
