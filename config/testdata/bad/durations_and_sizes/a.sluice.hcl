source "old" {
  service = "old"
}
target "new" {
  service = "new"
}
migration "shop" {
  source = source.old
  target = target.new
  full {
    workers      = 1000
    index_memory = "1MB"
    throttle {
      bytes_per_second = "50 apples"
      rows_per_second  = 0
    }
  }
  incremental {
    slot             = "Sluice-Shop"
    max_wal_retained = "200"
    spool {
      directory = "spool"
      max_bytes = "1MiB"
    }
    throttle {
      bytes_per_second = "1B"
    }
  }
  retry {
    connection = "1m"
    other      = "25h"
  }
  cutover {
    max_lag         = "soon"
    max_write_pause = "-30s"
  }
  accept "W201" {
    objects = ["public.a.b.c"]
    reason  = ""
    until   = "31.12.2026"
  }
  alert "lag" {
    on      = "lag"
    over    = "60"
    webhook = "https://hooks.example.com/secret-path"
  }
}
migration "default_of_other_is_too_long" {
  source = source.old
  target = target.new
  retry {
    connection = "10m"
  }
}
migration "other_is_too_long" {
  source = source.old
  target = target.new
  retry {
    other = "12h"
  }
}
