package connect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"

	"sluice/config"
)

// setCertificate puts in the client's certificate. pgx could read it by itself,
// but knows no encrypted key in PKCS#8, the form that openssl writes.
func setCertificate(ctx context.Context, c *pgx.ConnConfig, t config.TLS, o Options) error {
	if t.Cert == "" {
		return nil
	}
	cert, err := certificate(ctx, t, o)
	if err != nil {
		return err
	}
	for _, config := range tlsConfigs(c) {
		config.Certificates = []tls.Certificate{cert}
	}
	return nil
}

func tlsConfigs(c *pgx.ConnConfig) []*tls.Config {
	var list []*tls.Config
	if c.TLSConfig != nil {
		list = append(list, c.TLSConfig)
	}
	for _, f := range c.Fallbacks {
		if f.TLSConfig != nil {
			list = append(list, f.TLSConfig)
		}
	}
	return list
}

func certificate(ctx context.Context, t config.TLS, o Options) (tls.Certificate, error) {
	cert, err := os.ReadFile(within(o.Dir, t.Cert))
	if err != nil {
		return tls.Certificate{}, &settingsError{what: "the client's certificate cannot be read", err: err}
	}
	key, err := os.ReadFile(within(o.Dir, t.Key))
	if err != nil {
		return tls.Certificate{}, &settingsError{what: "the client's key cannot be read", err: err}
	}
	if t.KeyPassword != nil {
		password, err := Secret(ctx, t.KeyPassword, o)
		if err != nil {
			return tls.Certificate{}, err
		}
		if key, err = decryptKey(key, []byte(password)); err != nil {
			return tls.Certificate{}, &settingsError{what: "the client's key " + t.Key + " cannot be decrypted", err: err}
		}
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return tls.Certificate{}, &settingsError{what: fmt.Sprintf("%s and %s are no pair of certificate and key", t.Cert, t.Key), err: err}
	}
	return pair, nil
}

// decryptKey returns a key in PEM without its password. A key that has none
// stays as it is.
func decryptKey(text, password []byte) ([]byte, error) {
	block, _ := pem.Decode(text)
	switch {
	case block == nil:
		return nil, errors.New("it is not in PEM form")
	case block.Type == "ENCRYPTED PRIVATE KEY":
		der, err := decryptPKCS8(block.Bytes, password)
		if err != nil {
			return nil, err
		}
		return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
	//lint:ignore SA1019 weak, and what many keys still have
	case x509.IsEncryptedPEMBlock(block):
		//lint:ignore SA1019 as above
		der, err := x509.DecryptPEMBlock(block, password)
		if err != nil {
			return nil, err
		}
		return pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: der}), nil
	}
	return text, nil
}
