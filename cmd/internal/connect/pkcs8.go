package connect

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
)

// The parts of an EncryptedPrivateKeyInfo under PBES2 (RFC 8018, appendix A).
type (
	encryptedKey struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	pbes2Params struct {
		KeyDerivation pkix.AlgorithmIdentifier
		Encryption    pkix.AlgorithmIdentifier
	}
	pbkdf2Params struct {
		Salt       []byte
		Iterations int
		KeyLength  int                      `asn1:"optional"`
		Hash       pkix.AlgorithmIdentifier `asn1:"optional"` // HMAC with SHA-1 where missing
	}
)

const (
	oidPBES2  = "1.2.840.113549.1.5.13"
	oidPBKDF2 = "1.2.840.113549.1.5.12"
	oidSHA1   = "1.2.840.113549.2.7"
)

var (
	keyHashes = map[string]func() hash.Hash{
		oidSHA1:               sha1.New,
		"1.2.840.113549.2.9":  sha256.New,
		"1.2.840.113549.2.10": sha512.New384,
		"1.2.840.113549.2.11": sha512.New,
	}
	// keySizes are those of AES in CBC mode.
	keySizes = map[string]int{
		"2.16.840.1.101.3.4.1.2":  16,
		"2.16.840.1.101.3.4.1.22": 24,
		"2.16.840.1.101.3.4.1.42": 32,
	}
	errKeyPassword = errors.New("the password is wrong")
)

// maxIterations bounds what a file may make us compute: OpenSSL writes 2,048.
const maxIterations = 10_000_000

// decryptPKCS8 decrypts a private key that has a password: PBES2 with PBKDF2
// and AES, as openssl writes it. It returns PKCS#8 in DER.
func decryptPKCS8(der, password []byte) ([]byte, error) {
	var key encryptedKey
	if _, err := asn1.Unmarshal(der, &key); err != nil {
		return nil, fmt.Errorf("reading PKCS#8: %w", err)
	}
	var scheme pbes2Params
	if id := key.Algorithm.Algorithm.String(); id != oidPBES2 {
		return nil, fmt.Errorf("its encryption %s is not carried out yet: openssl pkcs8 -topk8 -v2 aes256 converts it", id)
	}
	if _, err := asn1.Unmarshal(key.Algorithm.Parameters.FullBytes, &scheme); err != nil {
		return nil, fmt.Errorf("reading its encryption: %w", err)
	}
	size, known := keySizes[scheme.Encryption.Algorithm.String()]
	if !known {
		return nil, fmt.Errorf("its cipher %s is not carried out yet: openssl pkcs8 -topk8 -v2 aes256 converts it", scheme.Encryption.Algorithm)
	}
	derived, err := derive(scheme.KeyDerivation, password, size)
	if err != nil {
		return nil, err
	}
	var iv []byte
	if _, err := asn1.Unmarshal(scheme.Encryption.Parameters.FullBytes, &iv); err != nil || len(iv) != aes.BlockSize {
		return nil, errors.New("its initialisation vector cannot be read")
	}
	return decryptCBC(key.Data, derived, iv)
}

// derive makes the key of the cipher from the password.
func derive(kdf pkix.AlgorithmIdentifier, password []byte, size int) ([]byte, error) {
	if id := kdf.Algorithm.String(); id != oidPBKDF2 {
		return nil, fmt.Errorf("its key derivation %s is not carried out yet: openssl pkcs8 -topk8 -v2 aes256 converts it", id)
	}
	var params pbkdf2Params
	if _, err := asn1.Unmarshal(kdf.Parameters.FullBytes, &params); err != nil {
		return nil, fmt.Errorf("reading its key derivation: %w", err)
	}
	id := oidSHA1
	if len(params.Hash.Algorithm) > 0 {
		id = params.Hash.Algorithm.String()
	}
	newHash, known := keyHashes[id]
	if !known || params.Iterations < 1 || params.Iterations > maxIterations {
		return nil, fmt.Errorf("its key derivation (%s, %d rounds) is not carried out yet", id, params.Iterations)
	}
	return pbkdf2.Key(newHash, string(password), params.Salt, params.Iterations, size)
}

// decryptCBC decrypts and takes off the padding. A wrong password shows itself
// there, or in what comes out: that is no key.
func decryptCBC(data, key, iv []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	if len(data) == 0 || len(data)%aes.BlockSize != 0 {
		return nil, errors.New("it is cut off")
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, data)
	padding := int(plain[len(plain)-1])
	if padding < 1 || padding > aes.BlockSize {
		return nil, errKeyPassword
	}
	plain = plain[:len(plain)-padding]
	if _, err := x509.ParsePKCS8PrivateKey(plain); err != nil {
		return nil, errKeyPassword
	}
	return plain, nil
}
