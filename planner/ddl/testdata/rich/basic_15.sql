-- What came with PostgreSQL 15.
create unlogged sequence app.fast_numbers;
create table app.nulls (a integer, b integer, unique nulls not distinct (a), foreign key (a) references app.hen (id) on delete set null (a));
create unique index nulls_index on app.nulls (b) nulls not distinct;
create view app.invoker with (security_invoker = true) as select a from app.nulls;
create trigger on_parent_parts after update on app.parts for each row execute function app.touch();
alter table app.parts enable always trigger on_parent_parts;
