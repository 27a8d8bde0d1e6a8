-- Views with what came with PostgreSQL 16.
create view views.json_made as select json_object('a': id, 'b': name absent on null with unique keys) as o, json_array(id, name null on null) as a,
  json_arrayagg(id order by id returning jsonb) as g, name is json object with unique keys as is_json from views.base group by id;
create view views.any_values as select any_value(name) as a from views.base;
