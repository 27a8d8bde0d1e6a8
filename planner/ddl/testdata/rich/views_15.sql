-- Views with what came with PostgreSQL 15.
create view views.as_invoker with (security_invoker = on, security_barrier = on, check_option = cascaded) as select id, note from views.other where id > 1;
create view views.not_as_invoker with (security_invoker = false) as select id from views.base;
create view views.unique_nulls as select id from views.base where name similar to 'a(b|c)%' escape '#';
