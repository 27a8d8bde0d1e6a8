-- What publications have since 18.
create table pub.generated (id integer, twice integer generated always as (id * 2) stored);
create publication generated for table pub.generated with (publish_generated_columns = stored);
create publication generated_column for table pub.generated (twice);
