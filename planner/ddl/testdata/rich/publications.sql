-- Publications.
create schema pub;
create table pub.a (id integer primary key, "Col""umn" text, c boolean);
create table pub."Ta""ble; --" (id integer primary key, b text);
create table pub.child () inherits (pub.a);
create table pub.parts (id integer) partition by range (id);
create table pub.part partition of pub.parts for values from (1) to (2);
create publication "none""; --";
comment on publication "none""; --" is 'it''s \ empty';
create publication everything for all tables;
create publication nothing for all tables with (publish = '');
create publication few for table pub."Ta""ble; --", pub.part with (publish = 'update, truncate');
create publication one for table only pub.a;
create publication with_child for table pub.a with (publish = 'insert');
