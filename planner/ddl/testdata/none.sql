-- not carried over

-- check that comes with the parent's

-- foreign key that comes with the parent's

