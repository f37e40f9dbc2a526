-- What each service truly costs each council: what was booked, then shared costs by the service's own
-- cost shares, then its part of the services that serve the other services.
--
-- Each step moves money from one council or service to another and makes none: over all services and
-- councils a month adds up to what was booked, to the penny. Pennies that do not divide go to the
-- largest remainders (Hamilton's method of apportionment).

-- Grain:   one row per service, council and month
-- Columns: direct_gbp       pounds booked, without income and recharges
--          income_gbp       pounds, as a rule below zero
--          recharges_gbp    pounds
--          booked_gbp       the three together
--          correction_gbp   what the council bears of the shared cost by its cost share, less what it
--                           was booked; adds up to nought over the councils of a service
--          overheads_gbp    its part of the overhead services; below zero where they give it away;
--                           adds up to nought over all services and councils
--          true_cost_gbp    booked + correction + overheads
--          shared_gbp       pounds booked of the shared budget
--          share            0-1, of the service's shared cost in the month; null where none is known
create or replace table true_costs as
with has_memberships as (select count(*) > 0 as has_any from memberships)
, paying as (
    select s.service_id, s.council_id, m.month, s.share
    from (select distinct service_id, month from costs) as m
    inner join cost_shares as s
        on s.service_id = m.service_id and m.month between s.from_month and s.to_month and s.share >= 0
    cross join has_memberships as h
    where not h.has_any or exists (
        from memberships as b
        where b.service_id = s.service_id and b.council_id = s.council_id
            and m.month between b.from_month and b.to_month
    )
    -- Where two years of shares overlap (a calendar year and a financial one), the one begun last.
    qualify row_number() over (
        partition by s.service_id, s.council_id, m.month order by s.from_month desc, s.to_month
    ) = 1
)
-- Whole numbers, so that what is shared out is exact. A share of nought is a share: who has it pays
-- nothing, whatever was booked. Shares that are all nought share nothing out.
, weights as (
    select
        service_id,
        council_id,
        month,
        round(share * 1000000000)::hugeint as weight,
        share / sum(share) over (partition by service_id, month) as share
    from paying
    qualify sum(share) over (partition by service_id, month) > 0
)
, typed as (
    select
        c.service_id,
        c.council_id,
        c.month,
        c.actual_gbp,
        c.is_illustrative,
        lower(trim(c.cost_type)) in ('income', 'fees and charges') as is_income,
        lower(trim(c.cost_type)) in ('recharge', 'recharges') as is_recharge,
        -- Without blocks, a service is shared where cost shares say so.
        case
            when c.budget_block is null then exists (
                from weights as w where w.service_id = c.service_id and w.month = c.month
            )
            else replace(replace(lower(c.budget_block), '-', '_'), ' ', '_') = 'shared'
        end as is_shared
    from costs as c
    where c.actual_gbp is not null
)
, booked as (
    select
        service_id,
        council_id,
        month,
        coalesce(sum(actual_gbp) filter (not is_income and not is_recharge), 0) as direct_gbp,
        coalesce(sum(actual_gbp) filter (is_income), 0) as income_gbp,
        coalesce(sum(actual_gbp) filter (is_recharge and not is_income), 0) as recharges_gbp,
        sum(actual_gbp) as booked_gbp,
        coalesce(sum(actual_gbp) filter (is_shared), 0) as shared_gbp,
        coalesce(sum(actual_gbp) filter (is_shared and not is_income and not is_recharge), 0) as shared_direct_gbp,
        count(*) filter (is_shared) as shared_cells,
        bool_or(is_illustrative) as is_illustrative
    from typed
    group by service_id, council_id, month
)
, overhead_services as (select service_id from staging.services where overhead)
-- The services whose shared cost can be divided: whoever was booked some of it has a share.
, divisible as (
    select b.service_id, b.month
    from booked as b
    left join weights as w using (service_id, council_id, month)
    where b.service_id not in (from overhead_services)
    group by b.service_id, b.month
    having bool_or(b.shared_gbp != 0) and bool_and(b.shared_gbp = 0 or w.weight is not null)
)
-- The shared direct cost of each service is what overheads go by: who does more takes more support.
, supported as (
    select service_id, month, (greatest(sum(shared_direct_gbp), 0) * 100)::hugeint as base
    from booked
    where service_id not in (from overhead_services)
    group by service_id, month
)
-- Within a service they go by its cost shares; without shares by what each council was booked.
, within as (
    select service_id, council_id, month, weight
    from weights semi join divisible using (service_id, month)
    where weight > 0
    union all
    select service_id, council_id, month, (shared_direct_gbp * 100)::hugeint
    from booked anti join divisible using (service_id, month)
    where shared_direct_gbp > 0
)
, parts as (
    select 'share' as step, service_id as pool, month, service_id, council_id, weight
    from weights semi join divisible using (service_id, month)
    where weight > 0
    union all
    select
        'overhead',
        '',
        month,
        service_id,
        council_id,
        -- In thousandths of a penny, so that the parts of a service keep to its weight.
        s.base * 1000 * w.weight // (sum(w.weight) over (partition by service_id, month))::hugeint
    from supported as s
    inner join within as w using (service_id, month)
    where s.base > 0
)
, pools as (
    select 'share' as step, d.service_id as pool, d.month, (sum(b.shared_gbp) * 100)::hugeint as pence
    from divisible as d
    inner join booked as b using (service_id, month)
    group by d.service_id, d.month
    union all
    select 'overhead', '', month, (sum(shared_gbp) * 100)::hugeint
    from booked
    where service_id in (from overhead_services)
    group by month
)
, shared_out as (
    select
        p.step,
        p.month,
        list({'service_id': p.service_id, 'council_id': p.council_id} order by p.service_id, p.council_id) as bearers,
        apportion(any_value(o.pence), list(p.weight::hugeint order by p.service_id, p.council_id)) as pence
    from parts as p
    inner join pools as o on o.step = p.step and o.pool = p.pool and o.month = p.month
    group by p.step, p.pool, p.month
)
, due as (
    select
        step,
        month,
        unnest(bearers, recursive := true),
        -- Times 0.01, not by 100: division would make it a float.
        unnest(pence)::decimal(35, 0) * 0.01 as due_gbp
    from shared_out
)
-- Shares are applied line by line when they are booked, and each line is rounded: differences of no
-- more than a penny a line are no correction.
, corrections as (
    select
        service_id,
        council_id,
        month,
        (coalesce(u.due_gbp, 0) - coalesce(b.shared_gbp, 0))::decimal(38, 2) as correction_gbp,
        bool_and(abs(coalesce(u.due_gbp, 0) - coalesce(b.shared_gbp, 0)) * 100 <= coalesce(b.shared_cells, 0))
            over (partition by service_id, month) as is_rounding
    from (from due where step = 'share') as u
    full join (from booked semi join divisible using (service_id, month)) as b using (service_id, council_id, month)
)
, given_away as (
    select service_id, council_id, month, -shared_gbp as overheads_gbp
    from booked
    where service_id in (from overhead_services) and month in (select month from due where step = 'overhead')
)
, moved as (
    select service_id, council_id, month, correction_gbp, 0 as overheads_gbp from corrections where not is_rounding
    union all
    select service_id, council_id, month, 0, due_gbp::decimal(38, 2) from due where step = 'overhead'
    union all
    select service_id, council_id, month, 0, overheads_gbp from given_away
)
, moves as (
    select
        service_id,
        council_id,
        month,
        sum(correction_gbp)::decimal(38, 2) as correction_gbp,
        sum(overheads_gbp)::decimal(38, 2) as overheads_gbp
    from moved
    group by service_id, council_id, month
)
select
    service_id,
    council_id,
    month,
    coalesce(b.direct_gbp, 0)::decimal(38, 2) as direct_gbp,
    coalesce(b.income_gbp, 0)::decimal(38, 2) as income_gbp,
    coalesce(b.recharges_gbp, 0)::decimal(38, 2) as recharges_gbp,
    coalesce(b.booked_gbp, 0)::decimal(38, 2) as booked_gbp,
    coalesce(m.correction_gbp, 0)::decimal(38, 2) as correction_gbp,
    coalesce(m.overheads_gbp, 0)::decimal(38, 2) as overheads_gbp,
    (coalesce(b.booked_gbp, 0) + coalesce(m.correction_gbp, 0) + coalesce(m.overheads_gbp, 0))::decimal(38, 2)
        as true_cost_gbp,
    coalesce(b.shared_gbp, 0)::decimal(38, 2) as shared_gbp,
    w.share,
    -- What is moved mixes the whole month.
    bool_or(b.is_illustrative) over (partition by month) as is_illustrative
from booked as b
full join moves as m using (service_id, council_id, month)
left join weights as w using (service_id, council_id, month)
order by service_id, month, council_id;
