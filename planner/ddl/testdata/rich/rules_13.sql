-- What came with PostgreSQL 13.
alter statistics rules.all_kinds set statistics 77;
alter statistics "Ru""les.1
"."Sta""ts; drop table x --" set statistics 0;
create trigger before_row before insert on rules.p for each row execute function app.touch();
alter table rules.p2 enable always trigger before_row;
