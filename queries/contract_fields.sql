-- What does the contract ask of each field of a resource?
--
-- Grain:       one row per resource and field (resource, field)
-- Parameters:  none
-- Columns:     feed, kind          text
--              found_as            the headings under which the field is found
--              rules               what its values have to be
--              paths               the files of the resource
--              template            an empty export: the header line

select r.resource, r.feed, f.field, f.kind, f.is_required, f.found_as, f.rules, r.paths, r.template
from contract_fields as f
inner join resources as r on r.resource = f.resource
order by r.position, f.position
