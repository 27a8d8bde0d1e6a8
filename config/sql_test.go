package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A character of a text has its place in the file, where the file has the text as
// it stands.
func TestSQLKnowsItsPlaces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const file = `source "old" {
  service = "old"
}
target "new" {
  service = "new"
}
locals {
  limit = "5"
}
migration "shop" {
  source = source.old
  target = target.new
  table "public.plain" {
    where = "größe > limt"
  }
  table "public.lines" {
    where = <<-END
      a > 1
        and limt < 2
    END
  }
  table "public.escaped" {
    where = "\"Größe\" > limt"
  }
  table "public.made" {
    where = "größe > ${local.limit} and limt < 2"
  }
}
`
	if err := os.WriteFile(filepath.Join(dir, "shop.sluice.hcl"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	c, diags := loadCase(dir)
	if diags.HasErrors() {
		t.Fatal(written(t, diags))
	}
	for name, want := range map[string]struct{ line, column, width int }{
		"plain":   {14, 22, 1},
		"lines":   {19, 13, 1},
		"escaped": {23, 13, 18}, // the whole value
		"made":    {26, 13, 37}, // as well
	} {
		for _, table := range c.Migrations[0].Tables {
			if table.Name != name {
				continue
			}
			at := table.Where.At(len([]rune(table.Where.Text[:strings.Index(table.Where.Text, "limt")])) + 1)
			if at.Line != want.line || at.Column != want.column || at.EndColumn-at.Column != want.width && at.Line == at.EndLine {
				t.Errorf("%s: %+v, want %+v", name, at, want)
			}
		}
	}
}
