-- What publications have since 15.
create schema "Pub""lished; --";
create publication schemas for tables in schema pub, "Pub""lished; --";
create publication mixed for table app.plain_table, tables in schema pub;
create publication filtered for table only pub.a where (c), pub."Ta""ble; --" where (id > 5 and b <> 'it''s');
create publication columns for table only pub.a ("Col""umn", id), pub.parts (id) where (id > 1)
  with (publish_via_partition_root = true, publish = 'insert');
