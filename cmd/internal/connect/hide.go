package connect

import (
	"net/url"
	"strings"

	"sluice/config"
)

// Reveals says that a text has to do with a password that a server's url holds:
// it has it, or is a part of it. Such a text must not be shown.
func Reveals(text string, servers []config.Server) bool {
	for _, s := range servers {
		for _, password := range urlPasswords(s.URL) {
			if password != "" && text != "" && (strings.Contains(text, password) || strings.Contains(password, text)) {
				return true
			}
		}
	}
	return false
}

// urlPasswords are the passwords in a URL, each as it stands there and decoded.
func urlPasswords(text string) []string {
	_, rest, _ := strings.Cut(text, "://")
	login := strings.TrimSuffix(strings.TrimSuffix(rest, afterUser(text)), "@")
	_, password, _ := strings.Cut(login, ":")
	found := []string{password}
	_, query, _ := strings.Cut(afterUser(text), "?")
	for pair := range strings.SplitSeq(query, "&") {
		if key, value, _ := strings.Cut(pair, "="); strings.HasSuffix(key, "password") {
			found = append(found, value)
		}
	}
	for _, raw := range found {
		if decoded, err := url.PathUnescape(raw); err == nil {
			found = append(found, decoded)
		}
	}
	return found
}
