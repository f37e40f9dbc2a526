-- Answers to the customer survey, with what small numbers forbid to show.
--
-- Grain:   one row per wave, service and customer
-- Columns: satisfied_share  share 0-1 of the respondents; as exported where counts are not published
--          is_hidden        fewer than ten respondents; or the next smallest beside a single hidden
--                           one, of the same service or the same customer, so that none can be
--                           worked out by subtraction from a total

create or replace table satisfaction as
with answers as (
    select
        period,
        period_end as month,
        service_id,
        council_id,
        invited,
        respondents,
        satisfied,
        case when respondents > 0 then satisfied / respondents else satisfied_share end as satisfied_share,
        very_satisfied,
        fairly_satisfied,
        neither,
        fairly_dissatisfied,
        very_dissatisfied,
        dont_know,
        source,
        is_illustrative and source is null as is_illustrative,
        coalesce(respondents < 10, false) as hidden_0
    from staging.satisfaction
),
beside_in_service as (
    select *, hidden_0 or (
        count(*) filter (hidden_0) over (partition by month, service_id) = 1
        and row_number() over (partition by month, service_id order by hidden_0 desc, respondents) = 2
    ) as hidden_1
    from answers
),
beside_in_customer as (
    select *, hidden_1 or (
        count(*) filter (hidden_1) over (partition by month, council_id) = 1
        and row_number() over (partition by month, council_id order by hidden_1 desc, respondents) = 2
    ) as hidden_2
    from beside_in_service
)
select
    * exclude (hidden_0, hidden_1, hidden_2),
    hidden_2 or (
        count(*) filter (hidden_2) over (partition by month, service_id) = 1
        and row_number() over (partition by month, service_id order by hidden_2 desc, respondents) = 2
    ) as is_hidden
from beside_in_customer;
