-- What the work of each service cost, and how much of it there was, from April to each month.
--
-- Grain:   one row per service, council, unit of work and month, from April of the first financial
--          year with figures to the last month for which cost and quantity were reported
-- Columns: year_start        date, April
--          months            count, from April to this month
--          kind              flow · level · headcount
--          is_main           the unit by which the service's cost is told
--          true_cost_gbp     pounds since April; the service's whole true cost, whatever the unit
--          quantity_sum      of a flow what was done since April; of a level or headcount the sum of
--                            its months, so that ÷ months is the average over the stretch, to which a
--                            month that was not served adds nothing
--          months_served     count of months since April in which the council was served
--          months_known      count of those with both a cost and a quantity
--          served_mask       which months those are, April as 1, May as 2, June as 4 …
--          is_at_end         false within a quarter or year whose figure comes at its end
create or replace table unit_costs as
with has_memberships as (select count(*) > 0 as has_any from memberships)
, lengths(period_kind, months) as (values ('month', 1), ('quarter', 3), ('half', 6), ('financial year', 12), ('year', 12))
, cost_lengths as (
    select c.service_id, c.month, max(n.months) as months
    from costs as c
    inner join lengths as n using (period_kind)
    where c.actual_gbp is not null
    group by c.service_id, c.month
)
-- A figure covers every month of its period, and stands in the last one.
, cost_months as (
    select
        t.service_id,
        t.council_id,
        (t.month - to_months(back.n::integer))::date as month,
        bool_and(back.n > 0) as is_open
    from true_costs as t
    inner join cost_lengths as c using (service_id, month)
    anti join true_costs_lacking as l
        on l.service_id = t.service_id and l.council_id = t.council_id and l.month = t.month
    , generate_series(0, c.months - 1) as back(n)
    group by all
)
, quantity_months as (
    select
        v.service_id,
        v.council_id,
        v.unit,
        (v.month - to_months(back.n::integer))::date as month,
        bool_and(back.n > 0) as is_open,
        sum(case when back.n = 0 or v.kind != 'flow' then v.quantity end)::decimal(24, 6) as quantity
    from volumes as v
    inner join lengths as n using (period_kind)
    , generate_series(0, n.months - 1) as back(n)
    where v.quantity is not null
    group by all
)
, units as (
    select service_id, unit, max(kind) as kind, bool_or(is_main) as is_main, min(month) as first_month, max(month) as last_month
    from volumes
    group by service_id, unit
)
, reported as (
    select service_id, council_id, month from cost_months
    union
    select service_id, council_id, month from quantity_months
)
, served as (
    select m.service_id, m.council_id, m.from_month, m.to_month from memberships as m
    union all
    -- Without memberships a council is served for as long as it reports.
    select service_id, council_id, min(month), max(month)
    from reported
    cross join has_memberships as h
    where not h.has_any
    group by service_id, council_id
)
, stretches as (
    select
        u.service_id,
        u.unit,
        u.kind,
        u.is_main,
        (date_trunc('year', greatest(u.first_month, min(c.month)) - interval 3 months) + interval 3 months)::date as first_april,
        least(u.last_month, max(c.month)) as last_month
    from units as u
    inner join cost_months as c using (service_id)
    group by u.service_id, u.unit, u.kind, u.is_main, u.first_month, u.last_month
)
, councils_reporting as (select distinct service_id, council_id from reported)
, months as (
    select
        s.service_id,
        r.council_id,
        s.unit,
        s.kind,
        s.is_main,
        g.month::date as month,
        (date_trunc('year', g.month - interval 3 months) + interval 3 months)::date as year_start,
        exists (
            from served as b
            where b.service_id = s.service_id and b.council_id = r.council_id
                and g.month between b.from_month and b.to_month
        ) as is_served
    from stretches as s
    inner join councils_reporting as r using (service_id)
    , generate_series(s.first_april::timestamp, s.last_month::timestamp, interval 1 month) as g(month)
)
, filled as (
    select
        m.*,
        coalesce(t.true_cost_gbp, 0) as true_cost_gbp,
        coalesce(q.quantity, 0) as quantity,
        c.month is not null and q.month is not null as is_known,
        not coalesce(c.is_open, false) and not coalesce(q.is_open, false) as is_at_end,
        coalesce(t.is_illustrative, false) as is_illustrative
    from months as m
    left join cost_months as c using (service_id, council_id, month)
    left join true_costs as t using (service_id, council_id, month)
    left join quantity_months as q using (service_id, council_id, unit, month)
)
, to_date as (
    select
        service_id,
        council_id,
        unit,
        kind,
        is_main,
        month,
        year_start,
        (count(*) over so_far)::integer as months,
        (sum(true_cost_gbp) over so_far)::decimal(38, 2) as true_cost_gbp,
        (sum(quantity) over so_far)::decimal(38, 6) as quantity_sum,
        (count(*) filter (is_served) over so_far)::integer as months_served,
        (count(*) filter (is_served and is_known) over so_far)::integer as months_known,
        coalesce(sum(1 << datediff('month', year_start, month)) filter (is_served) over so_far, 0)::integer as served_mask,
        is_at_end,
        bool_or(is_illustrative) over so_far as is_illustrative
    from filled
    window so_far as (partition by service_id, council_id, unit, year_start order by month)
)
select * from to_date
where months_served > 0 or true_cost_gbp != 0 or quantity_sum != 0
order by service_id, unit, month, council_id;
