-- Views with what came with PostgreSQL 14.
create materialized view views.compressed as select name, "select", tags from views.base;
alter materialized view views.compressed alter name set compression pglz, alter tags set compression pglz;
create view views.graph as
  with recursive t (a, b) as (select 1, 2 union all select b, a from t) search depth first by a set ordered
    cycle a set is_cycle using path
  select a, b, is_cycle from t;
create view views.distinct_groups as select mood, code from views.base group by distinct rollup (mood), rollup (mood, code);
create view views.joined as select j.id from (views.base as b join views.other as o using (id) as j);
