-- What came with PostgreSQL 17: the collations of the server itself, constraints behind NOT NULL of domains.
create collation types.builtin (provider = builtin, locale = 'C');
create collation types.unicode (provider = builtin, locale = 'C.UTF-8');
create domain types.told as integer constraint "Why ""not.x" not null;
comment on constraint "Why ""not.x" on domain types.told is 'because\';
create domain types.chosen as integer not null;
comment on constraint chosen_not_null on domain types.chosen is 'the server''s name';
