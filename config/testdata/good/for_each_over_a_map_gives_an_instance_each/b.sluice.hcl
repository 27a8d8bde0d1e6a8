# The files of a directory are one configuration.
migration "archive" {
  source          = source.old
  source_database = "archive"
  target          = target.new
  target_database = "archive"
  stages          = ["schema"]
}
migration "nothing_yet" {
  for_each = toset([])
  source   = source.old
  target   = target.new
}
