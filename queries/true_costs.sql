-- What does each service truly cost each council, step by step from what was booked?
--
-- Grain:       one row per service and council; council_id null is all chosen councils together,
--              service_id null is all services together
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $from_month, $to_month    first and last month, inclusive
-- Columns:     direct_gbp, income_gbp, recharges_gbp   pounds booked, which add up to
--              booked_gbp          pounds booked
--              correction_gbp      pounds to the council's cost share of what is shared
--              overheads_gbp       pounds of the services that serve the other services
--              true_cost_gbp       booked + correction + overheads

with true_costs as (
    select * from true_costs
    where month between $from_month and $to_month
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
)

select
    service_id,
    council_id,
    sum(direct_gbp) as direct_gbp,
    sum(income_gbp) as income_gbp,
    sum(recharges_gbp) as recharges_gbp,
    sum(booked_gbp) as booked_gbp,
    sum(correction_gbp) as correction_gbp,
    sum(overheads_gbp) as overheads_gbp,
    sum(true_cost_gbp) as true_cost_gbp
from true_costs
group by grouping sets ((service_id, council_id), (service_id), (council_id), ())
order by service_id, council_id
