-- What stays behind: members of an operator family of the system, and privileges on what is the system's.
create schema o;
create function o.compare(int, text) returns int language sql immutable as 'select 1';
alter operator family pg_catalog.integer_ops using btree add function 1 (int, text) o.compare(int, text);
grant select on pg_catalog.pg_authid to public;
