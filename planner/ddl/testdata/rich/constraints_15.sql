-- What came with PostgreSQL 15.
create schema keys;
create table keys.distinct_nulls (a integer, b integer, c integer,
  constraint "Not ""distinct; WHERE" unique nulls not distinct (a) include (c) with (fillfactor = 66),
  constraint deferred unique nulls not distinct (b) with (fillfactor = 67) deferrable initially deferred);
create unique index distinct_index on keys.distinct_nulls (c, (a + b)) nulls not distinct with (fillfactor = 68) where b > 0;
create table keys.referred (x integer, y integer, primary key (x, y));
create table keys.refers (a integer, "B ""b" integer default 4,
  constraint to_null foreign key (a, "B ""b") references keys.referred on delete set null ("B ""b") on update cascade,
  constraint to_default foreign key (a, "B ""b") references keys.referred on delete set default ("B ""b") deferrable);
