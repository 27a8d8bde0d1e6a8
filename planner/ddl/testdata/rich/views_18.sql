-- Views with what came with PostgreSQL 18.
create table views.generated (a integer, b integer generated always as (a * 2) virtual);
create view views.over_virtual as select b, uuidv7() as u from views.generated;
