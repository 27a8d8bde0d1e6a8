-- Views with what came with PostgreSQL 17.
create view views.json_table_ as select t.* from views.other, json_table(jsonb '[{"a":1}]', '$[*]' passing id as i columns (n for ordinality, a int path '$.a')) as t;
