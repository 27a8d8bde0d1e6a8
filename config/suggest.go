package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/agext/levenshtein"
	"golang.org/x/text/unicode/norm"
)

// didYouMean is ` Did you mean "x"?` for the nearest of the names, or empty
// where none is near.
func didYouMean(given string, names []string) string {
	if best := nearest(given, names); best != "" {
		return fmt.Sprintf(" Did you mean %q?", best)
	}
	return ""
}

// nearest is the name that a misspelt one may have meant, or empty.
func nearest(given string, names []string) (best string) {
	least := max(2, len(given)/3) + 1
	for _, name := range slices.Sorted(slices.Values(names)) {
		if d := levenshtein.Distance(strings.ToLower(given), strings.ToLower(name), nil); d < least {
			best, least = name, d
		}
	}
	return best
}

// list is `"a", "b" or "c"`.
func list(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = fmt.Sprintf("%q", word)
	}
	last := len(quoted) - 1
	if last < 1 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}

// sentence is the error as a sentence.
func sentence(err error) string {
	text := err.Error()
	if text == "" {
		return text
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

// shortDuration is 10m rather than 10m0s.
func shortDuration(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}

func contains(words []string, word string) bool { return slices.Contains(words, word) }

// composed brings a name to the Unicode form that HCL gives to names in
// expressions (NFC).
func composed(name string) string { return norm.NFC.String(name) }
