-- Which published figures did loads change, from what to what?
--
-- Grain:       one row per load, feed, key and field (data_version, feed, period, service_id, council_id, measure_id, what, field)
-- Parameters:  $data_version       one load, null for all that are kept
--              $at_most            rows answered
-- Columns:     what                the rest of the key: a cost type, a unit
--              before, after       text; "suppressed" or "hidden" where figures are withheld: of the
--                                  customer survey always, and for a whole wave (period) at once
--              is_withdrawn        true where the figure is no longer given at all

select
    data_version,
    feed,
    period,
    service_id,
    council_id,
    measure_id,
    what,
    field,
    before,
    after,
    is_withdrawn
from restatements
where $data_version is null or data_version = $data_version
order by data_version, feed, period, service_id, council_id, measure_id, what, field
limit $at_most
