source "old" {
  service = "old"
}

target "new" {
  service = "new"
}

migration "shop" {
  source = source.old
  target = target.new

  table "public.users" {
    exclude_columns = ["photo"]

    column "origin" {
      add  = true
      type = "text"
    }
    column "since" {
      add   = true
      value = "now()"
    }
    column "kept" {
      add   = true
      to    = "other"
      type  = "text"
      value = "'x'"
    }
    column "photo" {
      value = "null"
    }
    column "empty" {
      value = ""
    }
  }
}
