-- Where does each service stand with each council: how many of its measures are on target, and how
-- many are better or worse than a year before?
--
-- Grain:       one row per service and council; council_id null is all chosen councils together,
--              service_id null is all services together
-- Parameters:  $service_id               one service, or null for all
--              $council_ids              list of councils
--              $from_month, $to_month    first and last month, inclusive
-- Columns:     measures            count of series (a measure, by one kind of period) with a figure in
--                                  the time, not older than two years, whose council has not left
--              judged              count of those with a target
--              on_target, close, off_target   counts, of the latest figure of each
--              doubtful            count of the latest figures that lie far outside their own history
--                                  (tables/21_doubtful.sql); counted with the others all the same
--              compared, better, worse   counts, the latest figure against a year before

with latest as (
    select * from performance
    where month between greatest(cast($from_month as date), cast($to_month as date) - interval '23' month) and $to_month
        and (next_month is null or next_month > $to_month)
        and council_id in (select unnest($council_ids))
        and ($service_id is null or service_id = $service_id)
        and value is not null
)
-- A council that has left has no figure now.
, served as (
    select distinct service_id, council_id from served
    where $to_month between from_month and to_month
)
, figures as (
    select l.*
    from latest as l
    inner join served as m on m.service_id = l.service_id and m.council_id = l.council_id
)

select
    service_id,
    council_id,
    count(*) as measures,
    count(verdict) as judged,
    count(case when verdict = 'on target' then 1 end) as on_target,
    count(case when verdict = 'close' then 1 end) as close,
    count(case when verdict = 'off target' then 1 end) as off_target,
    count(case when is_doubtful then 1 end) as doubtful,
    count(year_change) as compared,
    count(case when year_change > 0 then 1 end) as better,
    count(case when year_change < 0 then 1 end) as worse
from figures
group by grouping sets ((service_id, council_id), (service_id), (council_id), ())
order by service_id, council_id
