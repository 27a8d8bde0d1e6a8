# Two databases of one server become schemas of one database. Both have a table
# called users, and names from another time. Old orders stay behind, and nobody's
# mail address leaves the old server.
#
#   sluice plan  -var source=postgres://migrator@old/ -var target=postgres://migrator@new/company
#   sluice apply -var …            one process follows both
#   sluice cutover -var … -target='migration.company["crm"]'     one at a time

variable "source" {
  type        = string
  description = "The server that has the databases shop and crm."
}

variable "target" {
  type        = string
  description = "The database that takes both."
}

source "old" {
  url = var.source
}

target "new" {
  url = var.target
}

migration "company" {
  for_each = { shop = "sales", crm = "people" }

  source          = source.old
  source_database = each.key
  target          = target.new
  name_case       = "lower"

  objects {
    include = ["public.*"]
    exclude = ["public.tmp_*"]
  }

  rename "schema" {
    match = "public"
    to    = each.value
  }
  rename "table" {
    match = "public.tbl_*"
    to    = trimprefix(self.name, "tbl_")
  }
  rename "column" {
    match = "*.*.*_ts"
    to    = "${trimsuffix(self.name, "_ts")}_at"
  }

  table "public.users" {
    column "origin" {
      add   = true
      type  = "text not null"
      value = "'${each.key}'"
    }
    dynamic "column" { # of the shop alone
      for_each = each.key == "shop" ? ["Mail"] : []
      labels   = [column.value]
      content {
        value = "'user' || id || '@masked.invalid'"
      }
    }
  }
  dynamic "table" {
    for_each = each.key == "shop" ? ["public.tbl_orders"] : []
    labels   = [table.value]
    content {
      where = "placed_ts >= timestamptz '2025-01-01 00:00+00'"
      column "amount" {
        type = "numeric(14,4)"
      }
    }
  }
}
