-- What every database has already.
comment on schema public is 'no standard';
grant create on schema public to public;
