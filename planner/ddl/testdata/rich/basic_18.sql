-- What came with PostgreSQL 18.
create table app.virtual (a integer, b integer generated always as (a * 2) virtual, c integer generated always as (a * 3) stored);
create table app.periods (id int4range, during daterange, constraint periods_key primary key (id, during without overlaps));
create table app.period_refs (id int4range, during daterange,
  constraint period_refs_key foreign key (id, period during) references app.periods (id, period during));
create table app.unenforced (a integer, b integer references app.hen (id) not enforced, constraint a_positive check (a > 0) not enforced);
alter table app.part_refs add constraint not_valid_yet foreign key (id) references app.hashed (id) not valid;
