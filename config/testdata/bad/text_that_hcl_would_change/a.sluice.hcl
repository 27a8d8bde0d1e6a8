source "old" {
  service = "old"
}
target "new" {
  service = "new"
}
migration "shop" {
  source = source.old
  target = target.new
	tags   = { "café" = "日本語" }
  source_database = "café"
  table "public.café" {
  }
  objects {
    include = ["café.*"]
  }
	target_database = ["日本語"]
}
