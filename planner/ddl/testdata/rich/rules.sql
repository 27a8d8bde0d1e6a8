-- Rules, policies, extended statistics and triggers of partitions, for PostgreSQL 12 and later.
create schema rules;
create schema "Ru""les.1
";
create table rules.t (a integer, b integer, "C ""c" text);
create table rules.log (a integer, at timestamptz default now());
create table "Ru""les.1
"."T ""; drop table x --" (a integer, "B ""b.
" text);
create view rules.v as select t.a, t.b, u.a as c from rules.t as t join rules.t as u on t.a = u.b;

-- Rules.
create rule nothing as on delete to rules.t do instead nothing;
create rule "NOTHING" as on delete to rules.t where (old.a > 3) do also nothing;
create rule logged as on insert to rules.t where (new.a > 0 and new."C ""c" <> 'it''s; \') do also insert into rules.log values (new.a);
create rule many as on update to rules.t do also (insert into rules.log values (old.a); insert into rules.log values (new.a); notify "rules; x");
create rule disabled as on update to rules.t where false do also select 1;
create rule replica as on update to rules.t where false do also delete from rules.log;
create rule always as on update to rules.t where false do also update rules.log set a = new.a where log.a = old.a;
alter table rules.t disable rule disabled;
alter table rules.t enable replica rule replica;
alter table rules.t enable always rule always;
create rule "Ru""le; drop table x --" as on insert to "Ru""les.1
"."T ""; drop table x --" do instead
  insert into rules.t ("C ""c") values (new."B ""b.
") returning t.a, t."C ""c";
create rule into_t as on insert to rules.v do instead insert into rules.t values (new.a, new.b);
create rule on_update as on update to rules.v do instead update rules.t set b = new.b where t.a = old.a;
comment on rule nothing on rules.t is 'a rule';
comment on rule into_t on rules.v is E'a \\ view''s';
create table rules.parts (a integer) partition by list (a);
create rule of_parted as on insert to rules.parts do also insert into rules.log values (new.a);
alter table rules.parts disable rule of_parted;

-- Policies: roles that every server has.
alter table rules.t enable row level security;
create policy every on rules.t;
create policy "EVERY" on rules.t as restrictive for all to public using (a > 0) with check (true);
create policy selected on rules.t for select to pg_monitor, pg_signal_backend using (b = 1 and "C ""c" <> 'it''s \');
create policy inserted on rules.t as restrictive for insert with check (exists (select from rules.log as l where l.a = t.b));
create policy updated on rules.t for update to current_user using (a > 0) with check (a > 1);
create policy updated_using on rules.t for update using (a > 0);
create policy deleted on rules.t for delete to pg_read_all_stats, session_user using (app.twice(a) > 0);
create policy "Pol""icy; drop table x --" on "Ru""les.1
"."T ""; drop table x --" using ("B ""b.
" = current_user);
comment on policy every on rules.t is 'a policy';
comment on policy "Pol""icy; drop table x --" on "Ru""les.1
"."T ""; drop table x --" is E'it''s \\';

-- Extended statistics.
create statistics rules.all_kinds on a, b, "C ""c" from rules.t;
create statistics rules.depends_only (dependencies) on a, b from rules.t;
create statistics rules.distinct_only (ndistinct) on b, a from rules.t;
create statistics rules.mcv_only (mcv) on a, b from rules.t;
create statistics "Ru""les.1
"."Sta""ts; drop table x --" on a, "B ""b.
" from "Ru""les.1
"."T ""; drop table x --";
create statistics rules.elsewhere (mcv) on a, "B ""b.
" from "Ru""les.1
"."T ""; drop table x --";
create statistics rules."ELSEWHERE" (ndistinct) on region, n from app.parts;
comment on statistics rules.all_kinds is 'statistics';
comment on statistics "Ru""les.1
"."Sta""ts; drop table x --" is 'hostile';

-- Triggers whose copies on partitions fire at other times.
create table rules.p (a integer, b integer) partition by range (a);
create table rules.p1 partition of rules.p for values from (0) to (10) partition by range (a);
create table rules.p1a partition of rules.p1 for values from (0) to (5);
create table "Ru""les.1
"."P ""; drop table x --" partition of rules.p1 for values from (5) to (10);
create table rules.p2 partition of rules.p for values from (10) to (20);
create trigger usual after insert on rules.p for each row execute function app.touch();
create trigger of_parts after insert on rules.p for each row execute function app.touch();
create trigger "Trig""ger; drop table x --" after update on rules.p for each row execute function app.touch();
create constraint trigger constrained after delete on rules.p deferrable for each row execute function app.touch();
alter table rules.p2 disable trigger of_parts;
alter table only rules.p1 enable always trigger of_parts;
alter table "Ru""les.1
"."P ""; drop table x --" enable replica trigger of_parts;
alter table rules.p disable trigger "Trig""ger; drop table x --";
alter table only rules.p1 enable always trigger "Trig""ger; drop table x --";
alter table "Ru""les.1
"."P ""; drop table x --" enable trigger "Trig""ger; drop table x --";
alter table rules.p1a disable trigger constrained;
comment on trigger of_parts on rules.p is 'of parts';

-- What goes with an extension.
create function rules.extended() returns trigger language plpgsql as $$ begin return new; end $$;
create procedure rules."Pro""cedure"() language plpgsql as $$ begin end $$;
create trigger extended after insert on rules.log for each row execute function rules.extended();
create materialized view rules.extended_view as select 1 as a;
create index extended_index on rules.log (a);
alter table rules.log add constraint extended_key unique (at);
alter function rules.extended() depends on extension plpgsql;
alter procedure rules."Pro""cedure"() depends on extension plpgsql;
alter trigger extended on rules.log depends on extension plpgsql;
alter materialized view rules.extended_view depends on extension plpgsql;
alter index rules.extended_index depends on extension plpgsql;
alter index rules.extended_key depends on extension plpgsql;

-- Details of indexes, and of inherited constraints.
create index expressions on rules.t ((a + b), b, (a * b), lower("C ""c")) where a > 3;
alter index rules.expressions alter column 1 set statistics 77;
alter index rules.expressions alter column 4 set statistics 0;
create index "Exp""ressions; drop table x --" on rules.p ((a + b));
alter index rules."Exp""ressions; drop table x --" alter column 1 set statistics 99;
alter table rules.t add constraint excluded exclude using gist (box(point(a, a), point(b, b)) with &&, point(a, b) with ~=)
  include (b) with (fillfactor = 55) where (a <> 7 and "C ""c" <> ' WHERE ') initially deferred;
alter index rules.excluded alter column 1 set statistics 55;
comment on index rules.excluded is 'the index';
comment on constraint excluded on rules.t is 'the constraint';
create table rules.parent (a integer, constraint positive check (a > 0), constraint "Small ""er" check (a < 9));
create table rules.child () inherits (rules.parent);
create table rules.grandchild () inherits (rules.child);
alter table rules.parent add constraint unsure check (a <> 5) not valid;
create table rules.sure () inherits (rules.parent);
create table rules.parted (a integer, constraint positive check (a > 0)) partition by list (a);
create table rules.parted_1 partition of rules.parted for values in (1);
comment on constraint positive on rules.child is 'the child''s';
comment on constraint "Small ""er" on rules.grandchild is E'a grandchild''s \\';
comment on constraint positive on rules.parted_1 is 'a partition''s';
