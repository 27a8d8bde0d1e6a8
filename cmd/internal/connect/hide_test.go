package connect

import (
	"testing"

	"sluice/config"
)

func TestRevealsThePasswordOfAURL(t *testing.T) {
	servers := []config.Server{
		{URL: "postgres://app:s3cr%40t@db.example/shop?sslmode=require"},
		{URL: "postgres://db.example/shop?password=quer%20y&sslpassword=k3y"},
		{Host: "db.example"},
		{URL: "postgres://app@other.example/shop"},
	}
	for text, want := range map[string]bool{
		"postgres://app:s3cr%40t@db.example/shop?sslmode=require": true,
		"s3cr%40t": true, "s3cr@t": true, "s3cr": true, "quer y": true, "k3y": true,
		"db.example": false, "app": false, "prod": false, "": false, "postgres://app@other.example/shop": false,
	} {
		if got := Reveals(text, servers); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
