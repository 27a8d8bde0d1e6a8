-- Words that the server quotes where they are names, as quote_identifier does (ruleutils.c): all that it has a use for
-- in some place.
-- https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-CATALOG
select k.word
  from pg_catalog.pg_get_keywords() as k
 where k.catcode <> 'U' -- unreserved
 order by k.word
