-- What publications have since 13.
create publication via_root for table pub.parts with (publish_via_partition_root = true);
