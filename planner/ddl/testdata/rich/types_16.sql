-- What came with PostgreSQL 16: rules of collations.
create collation types.ruled (provider = icu, locale = 'de', rules = '& V << w <<< W & ''''''a'' < \u00e9');
create collation "Ty""pes.x; --"."Ru""led" (provider = icu, locale = 'und', deterministic = false, rules = '&a < g');
