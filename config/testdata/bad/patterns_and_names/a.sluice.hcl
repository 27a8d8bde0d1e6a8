source "old" {
  service = "old"
}
target "new" {
  service = "new"
}
locals {
  taken = ["public.a", "b"]
}
migration "shop" {
  source = source.old
  target = target.new
  objects {
    include = ["public", "public.orders.id", "", "public.", "public.\"a", "pub\"lic\".a", "public. a", "public.[a", null, "\"a.b\".c"]
    exclude = local.taken
  }
  table "orders" {
  }
  table "public.tmp_*" {
  }
  table "public.\"a.b\"" {
  }
  table "\"public\".\"a.b\"" {
  }
  table "public.twice" {
  }
  table "public.twice" {
  }
  rename "schema" {
    match = "public.*"
    to    = "x"
  }
  rename "column" {
    match = ["*.*"]
    to    = trimprefix(self.name)
  }
}
migration "none" {
  source = source.old
  target = target.new
  objects {
    include = []
  }
}
