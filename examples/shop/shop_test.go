package shop

import (
	"maps"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
)

func TestMain(m *testing.M) { os.Exit(sandbox.Main(m)) }

// load makes a shop in a database of its own and returns its URL.
func load(t testing.TB, major, scale int) string {
	t.Helper()
	url := sandbox.Shared(t, major, "source").Database(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := Load(t.Context(), conn, scale); err != nil {
		t.Fatal(err)
	}
	return url
}

func TestLoadIsTheSameOnEveryMajor(t *testing.T) {
	t.Parallel()
	var first map[string]string
	for _, major := range sandbox.Majors() {
		sums := sandbox.Sums(t, load(t, major, 1))
		if first == nil {
			first = sums
		}
		if !maps.Equal(sums, first) {
			t.Errorf("PostgreSQL %d: %v, elsewhere %v", major, sums, first)
		}
	}
	rows := 0
	for name, sum := range first {
		count, _, _ := strings.Cut(sum, ":")
		n, err := strconv.Atoi(count)
		if err != nil || n == 0 && name != "public.ledger" {
			t.Errorf("%s is empty (%s, %v)", name, sum, err)
		}
		rows += n
	}
	if rows < 90_000 || rows > 130_000 {
		t.Errorf("%d rows at scale 1", rows)
	}
	t.Logf("%d rows in %d tables", rows, len(first))
}

func TestLoadScales(t *testing.T) {
	t.Parallel()
	for scale, want := range map[int]string{0: "0", 2: "10000"} {
		url := load(t, 0, scale)
		if got := sandbox.Query(t, url, "select count(*) from public.customers"); got[0] != want {
			t.Errorf("scale %d: %s customers, want %s", scale, got[0], want)
		}
	}
}

func TestReportsAnswer(t *testing.T) {
	t.Parallel()
	url := load(t, 0, 1)
	for _, view := range []string{"public.active_customer_orders", "billing.open_invoices", "public.category_sizes"} {
		if got := sandbox.Query(t, url, "select count(*) > 0 from "+view); got[0] != "t" {
			t.Errorf("%s is empty", view)
		}
	}
	big := sandbox.Query(t, url, `select count(*) from public.product_images where pg_column_size(content) > 10000`)
	if big[0] != "100" {
		t.Errorf("%s images are big, uncompressed and out of line", big[0])
	}
}

func TestConfigQuotesTemplates(t *testing.T) {
	t.Parallel()
	got := Config(`postgres://a:${b}"@h/x`, "postgres://h/%7B%{y")
	for _, want := range []string{`"postgres://a:$${b}\"@h/x"`, `"postgres://h/%7B%%{y"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in\n%s", want, got)
		}
	}
}
