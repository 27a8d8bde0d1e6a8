secret "pager" {
  env = "PAGER"
}
source "old" {
  service = "old"
}
target "new" {
  service = "new"
}
migration "shop" {
  source = source.old
  target = target.new
  alert "nobody" {
    on = "lag"
  }
  alert "size of a lag" {
    on      = "lag"
    over    = "5GiB"
    webhook = secret.pager
  }
  alert "age of wal" {
    on      = "wal"
    over    = "5m"
    webhook = secret.pager
  }
  alert "limit of a failure" {
    on      = "failure"
    over    = "5m"
    webhook = secret.pager
  }
  alert "failure that lasts" {
    on      = "divergence"
    for     = "5m"
    webhook = secret.pager
  }
  alert "no command" {
    on   = "failure"
    exec = []
  }
  alert "empty command" {
    on   = "failure"
    exec = [""]
  }
  alert "address in the file" {
    on    = "failure"
    slack = "https://hooks.example.com/canary-path"
  }
  alert "mail" {
    on = "failure"
    email {
      host = "smtp.example.com:mail"
      from = "nobody"
      to   = ["ops@example.com", "somebody"]
      user = "sluice"
    }
    email {
      host     = "a b"
      from     = "sluice@example.com"
      to       = []
      password = "canary-word"
    }
  }
}
migration "without_changes" {
  source = source.old
  target = target.new
  target_database = "other"
  stages = ["schema"]
  alert "lag" {
    on      = "lag"
    webhook = secret.pager
  }
  alert "load" {
    on      = "full_load_time"
    webhook = secret.pager
  }
  alert "drift" {
    on      = "ddl"
    webhook = secret.pager
  }
}
