-- Tables with what came with PostgreSQL 14.
create table kin.squeezed (a text compression pglz, b text compression pglz collate "C" not null default 'b', c varchar(9)[] compression pglz);
create table kin.squeezed_child (d text compression pglz) inherits (kin.squeezed);
alter table kin.squeezed_child alter a set compression default;
create table kin.squeezed_parts (k integer, a text compression pglz) partition by list (k);
create table kin.squeezed_part partition of kin.squeezed_parts for values in (1);
alter table kin.squeezed_part alter a set compression pglz;
create table kin.multirange_key (k int4multirange) partition by list (k);
create table kin.multirange_key_1 partition of kin.multirange_key for values in ('{[1,3), [5,7)}');
