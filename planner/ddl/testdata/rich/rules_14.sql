-- What came with PostgreSQL 14.
create statistics rules.expression on (a + b) from rules.t;
create statistics rules.expressions_too (mcv, dependencies) on (a + b), "C ""c", lower("C ""c") from rules.t;
create materialized view rules.kept as select t.a, t.b from rules.t as t join rules.t as u on t.a = u.a;
create statistics rules.of_kept on a, b from rules.kept;
create procedure rules.atomic(a integer) language sql begin atomic insert into rules.t values (a); end;
