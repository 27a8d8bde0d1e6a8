package catalog

func SameQuery(a, b string) bool { return a == b }
