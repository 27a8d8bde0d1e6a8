-- Indexes and keys that say more than the names of columns, and such that do not.
create table plain (gone int, a int, b text, c varchar(9), d text collate "C", e int[], f point, g timestamptz, h name);
alter table plain drop column gone;
create index on plain (a);
create index on plain (b);
create index on plain (c);
create index on plain (d);
create index on plain (e);
create index on plain (g, a, h, b);
create index on plain (a, a);
create unique index on plain (a, d);
create index on plain (a desc);
create index on plain (a nulls first, g);
create index on plain (b text_pattern_ops);
create index on plain (d collate "POSIX");
create index on plain (b collate "C");
create index on plain (lower(b));
create index on plain ((a), b);
create index on plain (a, lower(b));
create index on plain (a) where a > 0;
create index on plain (a) with (fillfactor = 70);
create index on plain (a) include (b);
create index on plain using hash (a);
create index on plain using gist (f);
create index on plain using gin (e);
create index on plain using brin (a);

create domain positive as int check (value > 0);
create type mood as enum ('sad', 'ok');
create type pair as (one int, two int);
create table others (a positive, b mood, c pair, d int4range, e bpchar(3));
create index on others (a);
create index on others (b);
create index on others (c);
create index on others (d);
create index on others (e);
create function backward(int, int) returns int language sql immutable as 'select case when $1 > $2 then -1 when $1 < $2 then 1 else 0 end';
create operator class backward for type int using btree as
  operator 1 >, operator 2 >=, operator 3 =, operator 4 <=, operator 5 <, function 1 backward(int, int);
create index on plain (a backward);

create materialized view seen as select a, b from plain;
create index on seen (a);

create table keys (a int, b int, c int, d int, primary key (b, a), unique (c), unique (d) deferrable,
  constraint covering unique (a) include (c), exclude using btree (d with =), unique (c, d) with (fillfactor = 50));
create table refers (a int references keys (c), b int, c int, d int,
  foreign key (c, b) references keys,
  foreign key (b, c) references keys (b, a) match full,
  foreign key (b, c) references keys on delete cascade,
  foreign key (b, c) references keys on update set null,
  foreign key (d) references keys (c) deferrable initially deferred);
alter table refers add constraint later foreign key (d) references keys (c) not valid;

create table parted (a int, b int, primary key (a)) partition by range (a);
create table part (b int, a int not null);
alter table parted attach partition part for values from (0) to (10);
create index on parted (b);
create index on only parted (b, a);
create table to_parted (a int references parted);

create table extended (a int primary key);
alter extension plpgsql add table extended;
create table to_extended (a int references extended);
