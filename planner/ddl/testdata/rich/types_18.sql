-- What came with PostgreSQL 18.
create collation types.fast (provider = builtin, locale = 'PG_UNICODE_FAST');
