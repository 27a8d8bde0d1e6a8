-- Constraints that a table below declares as well, and has valid where the one above is not.
create schema heirs;
create table heirs.parent (a integer);
create table heirs.child () inherits (heirs.parent);
create table heirs.grandchild () inherits (heirs.child);
alter table heirs.child add constraint positive check (a > 0);
alter table heirs.grandchild add constraint positive check (a > 0);
alter table heirs.parent add constraint positive check (a > 0) not valid;
alter table heirs.grandchild add constraint even check (a % 2 = 0);
alter table heirs.parent add constraint even check (a % 2 = 0);
-- A key of three levels.
create table heirs.tree (a integer primary key, b integer) partition by list (a);
create table heirs.branch_1 partition of heirs.tree for values in (1, 2) partition by list (a);
create table heirs.branch_2 partition of heirs.tree for values in (3, 4) partition by list (a);
create table heirs.branch_3 partition of heirs.tree default partition by list (a);
create table heirs.leaf_11 partition of heirs.branch_1 for values in (1);
create table heirs.leaf_12 partition of heirs.branch_1 for values in (2);
create table heirs.leaf_21 partition of heirs.branch_2 for values in (3);
create table heirs.leaf_22 partition of heirs.branch_2 for values in (4);
create table heirs.leaf_5 partition of heirs.tree for values in (5);
create index by_b on heirs.tree (b);
create table heirs.bird (a integer references heirs.tree);
-- A generated column before what it is computed from, in a table of another order than its parent's.
create table heirs.computed (b integer generated always as (a * 2) stored, a integer not null);
create table heirs.computed_child (own integer not null default 7) inherits (heirs.computed);
create table heirs.computed_merged (b integer, own integer generated always as identity) inherits (heirs.computed);
alter table heirs.computed add z integer;
