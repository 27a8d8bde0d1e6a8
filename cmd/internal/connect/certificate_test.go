package connect

import (
	"os"
	"strings"
	"testing"

	"sluice/config"
)

// The keys of testdata are one and the same, made for this test alone, in the
// forms in which openssl writes it; the password is sesame.

func TestKeysWithAPasswordAreRead(t *testing.T) {
	clean(t)
	t.Setenv("SLUICE_TEST_KEY", "sesame")
	for _, key := range []string{
		"pkcs8_aes256_sha256.key", "pkcs8_aes128_sha1.key", "pkcs8_aes192_sha512.key", "legacy_aes256.key", "plain.key",
	} {
		s := config.Server{Host: "db.example", TLS: config.TLS{
			Cert: "client.pem", Key: key, KeyPassword: &config.Secret{Name: "key", Env: "SLUICE_TEST_KEY"},
		}}
		c, err := configure(t.Context(), s, Options{Dir: "testdata"})
		if err != nil {
			t.Errorf("%s: %v", key, err)
			continue
		}
		if len(c.TLSConfig.Certificates) != 1 {
			t.Errorf("%s: the certificate is not used", key)
		}
	}
}

func TestAKeyThatCannotBeReadIsExplained(t *testing.T) {
	clean(t)
	t.Setenv("SLUICE_TEST_KEY", "sesame")
	t.Setenv("SLUICE_TEST_WRONG", canary)
	tests := []struct{ key, password, want string }{
		{"pkcs8_aes256_sha256.key", "SLUICE_TEST_WRONG", "the password is wrong"},
		{"legacy_aes256.key", "SLUICE_TEST_WRONG", "cannot be decrypted"},
		{"pkcs8_des3.key", "SLUICE_TEST_KEY", "openssl pkcs8 -topk8 -v2 aes256"},
		{"pkcs8_scrypt.key", "SLUICE_TEST_KEY", "openssl pkcs8 -topk8 -v2 aes256"},
		{"missing.key", "SLUICE_TEST_KEY", "missing.key"},
		{"pkcs8_aes256_sha256.key", "", "no pair of certificate and key"},
	}
	for _, test := range tests {
		s := config.Server{Role: "source", Name: "old", Host: "db.example", TLS: config.TLS{Cert: "client.pem", Key: test.key}}
		if test.password != "" {
			s.TLS.KeyPassword = &config.Secret{Name: "key", Env: test.password}
		}
		_, err := configure(t.Context(), s, Options{Dir: "testdata"})
		if err == nil {
			t.Errorf("%s is read", test.key)
			continue
		}
		f := Finding(s, err)
		text := f.Summary + " " + f.Detail
		if !strings.Contains(text, test.want) || strings.Contains(text, canary) {
			t.Errorf("%s: %s", test.key, text)
		}
	}
}

func FuzzDecryptKey(f *testing.F) {
	for _, name := range []string{"pkcs8_aes256_sha256.key", "pkcs8_scrypt.key", "legacy_aes256.key"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(_ *testing.T, text []byte) {
		_, _ = decryptKey(text, []byte("sesame")) // must not panic
	})
}
