-- What a view uses and nothing records: an operator class. Of its operators two name the same third one.
create schema unrecorded;
create type unrecorded.point as (x integer);
create function unrecorded.less(unrecorded.point, unrecorded.point) returns boolean language sql immutable
  begin atomic select ($1).x < ($2).x; end;
create function unrecorded.same(unrecorded.point, unrecorded.point) returns boolean language sql immutable
  begin atomic select ($1).x = ($2).x; end;
create function unrecorded.compare(unrecorded.point, unrecorded.point) returns integer language sql immutable
  begin atomic select ($1).x - ($2).x; end;
create operator unrecorded.<<< (function = unrecorded.less, leftarg = unrecorded.point, rightarg = unrecorded.point,
  commutator = operator(unrecorded.>>>), negator = operator(unrecorded.>>>=));
create operator unrecorded.=== (function = unrecorded.same, leftarg = unrecorded.point, rightarg = unrecorded.point);
create function unrecorded.more(unrecorded.point, unrecorded.point) returns boolean language sql immutable
  begin atomic select $2 operator(unrecorded.<<<) $1; end;
create function unrecorded.less_or_same(unrecorded.point, unrecorded.point) returns boolean language sql immutable
  begin atomic select not $2 operator(unrecorded.<<<) $1; end;
create function unrecorded.more_or_same(unrecorded.point, unrecorded.point) returns boolean language sql immutable
  begin atomic select not $1 operator(unrecorded.<<<) $2; end;
create operator unrecorded.>>> (function = unrecorded.more, leftarg = unrecorded.point, rightarg = unrecorded.point,
  commutator = operator(unrecorded.<<<), negator = operator(unrecorded.<<<=));
create operator unrecorded.<<<= (function = unrecorded.less_or_same, leftarg = unrecorded.point, rightarg = unrecorded.point,
  commutator = operator(unrecorded.>>>=), negator = operator(unrecorded.>>>));
create operator unrecorded.>>>= (function = unrecorded.more_or_same, leftarg = unrecorded.point, rightarg = unrecorded.point,
  commutator = operator(unrecorded.<<<=), negator = operator(unrecorded.<<<));
create function unrecorded.other(unrecorded.point, unrecorded.point) returns boolean language sql immutable
  begin atomic select not $1 operator(unrecorded.===) $2; end;
create operator unrecorded.!== (function = unrecorded.other, leftarg = unrecorded.point, rightarg = unrecorded.point,
  negator = operator(unrecorded.===));
create operator class unrecorded.z_ops for type unrecorded.point using btree as
  operator 1 unrecorded.<<<, operator 3 unrecorded.===, function 1 unrecorded.compare(unrecorded.point, unrecorded.point);
create table unrecorded.a_points (p unrecorded.point);
create view unrecorded.a_sorted as select p from unrecorded.a_points order by p using operator(unrecorded.<<<);
