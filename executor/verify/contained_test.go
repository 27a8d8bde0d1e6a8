package verify

import "testing"

func TestWithoutCountsEachAsOftenAsItIsThere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		a, b []string
		want int
	}{
		{"nothing is in anything", nil, []string{"x"}, 0},
		{"all is missing in nothing", []string{"a", "b"}, nil, 2},
		{"one of two equal ones", []string{"a", "a"}, []string{"a"}, 1},
		{"among others", []string{"b", "d"}, []string{"a", "b", "c", "d", "e"}, 0},
		{"between others", []string{"b"}, []string{"a", "c"}, 1},
	} {
		if got := without(c.a, c.b); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
