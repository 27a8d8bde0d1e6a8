source "old" {}
